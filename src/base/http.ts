import { InputError, messageOf } from "./error.js";
import { Transient } from "./retry.js";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Milliseconds between two calls of `check`. */
const STEP = 100;

/** There is no way to the server, and another attempt would not find one. */
export class Unreachable extends InputError {}

/**
 * One HTTP request, its answer read to the end within `timeout` milliseconds. Unless `init` says
 * otherwise, redirects are not followed: what is sent goes to the given host only.
 * @param check called some times a second; what it throws ends the request
 * @throws as {@link exchange}
 */
export const request = (
  url: string,
  init: RequestInit,
  timeout: number,
  check?: () => void,
): Promise<HttpAnswer> =>
  exchange(
    url,
    init,
    timeout,
    async (response) => ({ status: response.status, body: await response.text() }),
    check,
  );

/**
 * One HTTP request as {@link request}, its answer handed to `read` as it comes. The timeout begins anew
 * whenever `read` calls `alive`.
 * @throws Transient where another attempt may succeed: no connection, one broken off, the timeout,
 *   status 408, 429 or 5xx; with the server's Retry-After where it gives one. Unreachable where none
 *   can: no such host, a port that is barred, a certificate that is not trusted. What `check` throws, and
 *   an InputError or Transient that `read` throws
 */
export async function exchange<T>(
  url: string,
  init: RequestInit,
  timeout: number,
  read: (response: Response, alive: () => void) => Promise<T>,
  check?: () => void,
): Promise<T> {
  const stop = new AbortController();
  const late = () => stop.abort(new Transient(`no answer within ${timeout / 1000} seconds`));
  const timer = setTimeout(late, timeout);
  const checks = setInterval(() => {
    try {
      check?.();
    } catch (error) {
      stop.abort(error);
    }
  }, STEP);
  try {
    const response = await fetch(url, { redirect: "manual", ...init, signal: stop.signal });
    const { status } = response;
    if (status !== 408 && status !== 429 && status < 500)
      return await read(response, () => timer.refresh());
    throw new Transient(
      `status ${status}: ${(await response.text()).slice(0, 500)}`,
      readRetryAfter(response.headers.get("retry-after")),
    );
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    if (error instanceof InputError || error instanceof Transient) throw error;
    throw noConnection(url, error);
  } finally {
    clearTimeout(timer);
    clearInterval(checks);
    stop.abort(); // what is not read is not wanted
  }
}

/** Codes of failures that stay: a name that no name server knows, and certificates. */
const LASTING = /^ENOTFOUND$|CERT|SIGNATURE/;

function noConnection(url: string, error: unknown): Transient | Unreachable {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const { code } = cause as NodeJS.ErrnoException;
  const problem = `no connection: ${messageOf(cause) || code}`;
  // What fetch itself refuses, such as the ports of other services, has no code.
  if (code !== undefined && !LASTING.test(code)) return new Transient(problem);
  return new Unreachable(problem, {
    file: new URL(url).origin,
    remedy: "Correct host and port of the address, or check that this network knows them",
  });
}

/** The beginning of what a server said, on one line. */
export const inBrief = (text: string): string => text.replace(/\s+/g, " ").slice(0, 200).trim();

/** Milliseconds after which a server is asked again that asks for a longer wait, such as a day. */
export const LONGEST_RETRY_AFTER = 600_000;

/** Milliseconds of a Retry-After header: seconds or a date (RFC 9110, section 10.2.3), ten minutes at most. */
export function readRetryAfter(value: string | null): number | undefined {
  if (value === null || value.trim() === "") return undefined;
  const wait = /^\s*\d+\s*$/.test(value) ? 1000 * Number(value) : Date.parse(value) - Date.now();
  return Number.isNaN(wait) ? undefined : Math.min(LONGEST_RETRY_AFTER, Math.max(0, wait));
}
