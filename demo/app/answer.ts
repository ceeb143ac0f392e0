// What an application answers: who it is, who asked, and what came of the calls it made. The load, the view and the tour
// read it back. Types and readers only.

/** One call to another application, as its caller saw it. */
export interface Call {
  /** The application that was called, by the host in the URL. */
  readonly to: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly ms: number;
  /** What it answered, when it was one of ours. */
  readonly answer?: Answer;
  /** What came instead of an answer: Envoy's own words, or the error of the connection. */
  readonly error?: string;
}

export interface Answer {
  readonly service: string;
  readonly version: string;
  /** The SPIFFE ID that the sidecar took from the client's certificate; absent when there was none. */
  readonly caller?: string;
  readonly calls: readonly Call[];
}

/** Undefined for a body that no application of ours has written. */
export function readAnswer(body: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return isAnswer(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isAnswer(value: unknown): value is Answer {
  return (
    typeof value === "object" &&
    value !== null &&
    "service" in value &&
    "version" in value &&
    "calls" in value &&
    Array.isArray(value.calls)
  );
}

/** All calls in an answer, however deep, each before those it led to. */
export function allCalls(answer: Answer): readonly Call[] {
  return answer.calls.flatMap((call) => [call, ...(call.answer ? allCalls(call.answer) : [])]);
}

/** The first call to a service. */
export function findCall(answer: Answer | undefined, to: string): Call | undefined {
  return answer && allCalls(answer).find((call) => call.to === to);
}
