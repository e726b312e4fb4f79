import cliProgress from "cli-progress";
import type { Progress } from "../base/watcher.js";

/** Shows how a long job goes on. Everything goes to standard error: standard output is for results. */
export interface ProgressView {
  report(progress: Progress): void;
  /** One line that stays. */
  say(line: string): void;
  end(): void;
}

/** A moving bar on a terminal; elsewhere, such as in a log file, a line now and then. */
export function progressView(stream: NodeJS.WriteStream = process.stderr): ProgressView {
  return stream.isTTY
    ? new Bar(stream)
    : new Lines((line) => stream.write(`${line}\n`), performance.now.bind(performance));
}

const shareOf = ({ share, done, total }: Progress): number => share ?? done / total;

/** The time left of a stage, from its mean pace since its first report. */
class Pace {
  private readonly first: number;

  constructor(
    first: Progress,
    private readonly start: number,
  ) {
    this.first = shareOf(first);
  }

  /** Seconds, or undefined before the first unit of work. */
  left(progress: Progress, now: number): number | undefined {
    const share = shareOf(progress);
    return share === this.first
      ? undefined
      : ((1 - share) * (now - this.start)) / (share - this.first) / 1000;
  }
}

/** A line a stage, further ones at least `quiet` milliseconds apart, and one when all of it is done. */
export class Lines implements ProgressView {
  private stage = "";
  private pace: Pace | undefined;
  private last = 0;
  private isOver = false;

  constructor(
    readonly say: (line: string) => void,
    private readonly now: () => number,
    private readonly quiet = 30_000,
  ) {}

  report(progress: Progress): void {
    const now = this.now();
    if (progress.stage !== this.stage) {
      this.stage = progress.stage;
      this.pace = new Pace(progress, now);
    } else if (this.isOver || (progress.done < progress.total && now - this.last < this.quiet)) {
      return;
    }
    this.isOver = progress.done >= progress.total;
    this.last = now;
    this.say([progress.stage, ...figures(progress, this.pace?.left(progress, now))].join(", "));
  }

  end(): void {}
}

/** A bar for the stage at work; a stage that is over leaves one line with the time it took. */
export class Bar implements ProgressView {
  private at:
    | { progress: Progress; start: number; pace: Pace; bar: cliProgress.SingleBar }
    | undefined;

  constructor(private readonly stream: NodeJS.WriteStream) {}

  report(progress: Progress): void {
    if (progress.stage !== this.at?.progress.stage) {
      this.end();
      const start = performance.now();
      this.at = { progress, start, pace: new Pace(progress, start), bar: this.draw(progress) };
    } else {
      this.at.progress = progress;
      this.at.bar.update(progress.done);
    }
  }

  say(line: string): void {
    this.at?.bar.stop();
    this.stream.write(`${line}\n`);
    if (this.at) this.at.bar = this.draw(this.at.progress);
  }

  end(): void {
    if (!this.at) return;
    const { progress, start, bar } = this.at;
    bar.stop();
    this.at = undefined;
    const took = formatDuration((performance.now() - start) / 1000);
    this.stream.write(`${[progress.stage, took, progress.detail].filter(Boolean).join(", ")}\n`);
  }

  private draw({ done, total }: Progress): cliProgress.SingleBar {
    const bar = new cliProgress.SingleBar({
      stream: this.stream,
      clearOnComplete: true,
      linewrap: true, // lines are cut; else a kill would leave the terminal without wrapping
      barsize: 24,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      format: (options, params) => {
        if (!this.at) return "";
        const { progress, pace } = this.at;
        const drawn = cliProgress.Format.BarFormat(params.progress, options);
        const rest = figures(progress, pace.left(progress, performance.now()));
        return [`${progress.stage} ${drawn}`, ...rest].join(", ");
      },
    });
    bar.start(total, done);
    return bar;
  }
}

/** How far a stage is, in words. A stage of a single unit is either at work or over. */
function figures(progress: Progress, left: number | undefined): string[] {
  const { done, total, unit, detail } = progress;
  const counted = total > 1;
  const show = unit === "bytes" ? formatBytes : String;
  return [
    counted ? `${show(done)} of ${show(total)} (${Math.floor(100 * shareOf(progress))} %)` : "",
    counted && left !== undefined && shareOf(progress) < 1 ? `${formatDuration(left)} left` : "",
    detail ?? "",
  ].filter((part) => part !== "");
}

/** "640 kB", "48 MB", "1.56 GB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** "8 s", "3 min 20 s", "2 h 5 min". */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [s, min, h] = [whole % 60, Math.floor(whole / 60) % 60, Math.floor(whole / 3600)];
  if (h > 0) return `${h} h ${min} min`;
  return min > 0 ? `${min} min ${s} s` : `${s} s`;
}
