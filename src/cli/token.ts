import { type Command, Option } from "commander";
import type { History, Scope } from "../history/index.js";
import { addExamples } from "./option.js";

interface Options {
  readonly database?: string;
  readonly json: boolean;
}

/** `cladmop token`: who may ask a service. */
export function addToken(program: Command): void {
  const command = program
    .command("token")
    .description(
      "Tokens for cladmop serve, which asks for one as soon as there is any when it starts.",
    );
  const adding = withDatabase(
    command
      .command("add")
      .description("Make a token. It is printed once; what is kept of it is a hash.")
      .argument("<name>", "whose it is, to tell it by")
      .addOption(
        new Option("--scope <scopes...>", "read: ask and look; write: keep, label and delete, too")
          .choices(["read", "write"] satisfies Scope[])
          .default(["read"]),
      ),
  ).action(async (name: string, { scope, ...options }: Options & { scope: Scope[] }) => {
    const token = await using(options, (history) => history.addToken({ name, scopes: scope }));
    console.log(options.json ? JSON.stringify({ name, scopes: scope, token }) : token);
  });
  addExamples(adding, {
    "cladmop token add anna --scope read write": "for one who also keeps and labels predictions",
    "cladmop token add prometheus": "for a program that only reads",
  });
  withDatabase(command.command("list").description("Tokens by name, with what they may.")).action(
    async (options: Options) => {
      const tokens = await using(options, (history) => history.listTokens());
      if (options.json) {
        console.log(JSON.stringify(tokens));
        return;
      }
      if (tokens.length === 0) {
        console.log("There is no token. Make one: cladmop token add NAME");
        return;
      }
      const { default: Table } = await import("cli-table3");
      const table = new Table({
        head: ["name", "may", "made", "last used"],
        style: { head: [], border: [] },
      });
      for (const { name, scopes, createdAt, lastUsedAt } of tokens)
        table.push([name, scopes.join(" "), createdAt, lastUsedAt ?? "never"]);
      console.log(table.toString());
    },
  );
  withDatabase(
    command
      .command("remove")
      .description("Remove a token: a service that runs refuses it from now on.")
      .argument("<name>", "whose it is"),
  ).action(async (name: string, options: Options) => {
    const removed = await using(options, (history) => history.removeToken(name));
    if (!removed) {
      const { InputError } = await import("../base/error.js");
      throw new InputError(`there is no token "${name}"`, {
        remedy: "See the names with cladmop token list",
      });
    }
    console.log(options.json ? JSON.stringify({ name, removed }) : `${name} is removed`);
  });
}

const withDatabase = (command: Command): Command =>
  command
    .option("--database <url>", "the service's: a file, or postgres://user@host/database")
    .option("--json", "print JSON", false);

async function using<T>({ database }: Options, use: (history: History) => Promise<T>): Promise<T> {
  const { defaultHistory, openHistory } = await import("../history/index.js");
  const history = await openHistory(database ?? defaultHistory());
  try {
    return await use(history);
  } finally {
    await history.close();
  }
}
