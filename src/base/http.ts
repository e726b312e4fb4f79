import { messageOf } from "./error.js";
import { Transient } from "./retry.js";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * One HTTP request, its answer read to the end within `timeout` milliseconds. Redirects are not
 * followed: what is sent goes to the given host only.
 * @throws Transient where another attempt may succeed: no connection, one broken off, the timeout,
 *   status 408, 429 or 5xx; with the server's Retry-After where it gives one
 */
export async function request(
  url: string,
  init: RequestInit,
  timeout: number,
): Promise<HttpAnswer> {
  let response: Response;
  let body: string;
  try {
    response = await fetch(url, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.timeout(timeout),
    });
    body = await response.text();
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const { name, code } = cause as NodeJS.ErrnoException;
    throw new Transient(
      name === "TimeoutError"
        ? `no answer within ${timeout / 1000} seconds`
        : `no connection: ${messageOf(cause) || code}`,
    );
  }
  const { status } = response;
  if (status === 408 || status === 429 || status >= 500)
    throw new Transient(
      `status ${status}: ${body.slice(0, 500)}`,
      readRetryAfter(response.headers.get("retry-after")),
    );
  return { status, body };
}

/** Milliseconds of a Retry-After header: seconds or a date (RFC 9110, section 10.2.3). */
export function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return 1000 * Number(value);
  const until = Date.parse(value) - Date.now();
  return Number.isNaN(until) ? undefined : Math.max(0, until);
}
