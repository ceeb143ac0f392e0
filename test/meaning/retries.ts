// Which attempts are made again, as Istio's reference of HTTPRetry and Envoy's of its conditions say it.

export interface Retries {
  readonly attempts?: number;
  readonly perTryTimeout?: string;
  readonly retryOn?: string;
  readonly retryRemoteLocalities?: boolean;
  readonly retryIgnorePreviousHosts?: boolean;
  readonly backoff?: string;
}

/** "The default cluster-wide retry policy", and what `retryOn` is where it is not written. */
export const usual: Retries & { readonly retryOn: string } = {
  attempts: 2,
  retryOn: "connect-failure,refused-stream,unavailable,cancelled",
};

const grpcStatuses: Readonly<Record<string, string>> = {
  cancelled: "grpc-1",
  "deadline-exceeded": "grpc-4",
  "resource-exhausted": "grpc-8",
  internal: "grpc-13",
  unavailable: "grpc-14",
};

/** Whether a condition holds, as Envoy's x-envoy-retry-on and x-envoy-retry-grpc-on say. `refused`: no connection. */
export function isRetried(result: string, { retryOn = usual.retryOn }: Retries): boolean {
  const isSilence = ["late", "reset", "refused"].includes(result);
  return retryOn.split(",").some((condition) => {
    // "these status codes refer to the actual responses received from the destination"
    if (/^\d/.test(condition) && condition !== "5xx") return result === condition;
    if (condition === "5xx") return isSilence || /^5/.test(result);
    if (condition === "gateway-error") return isSilence || ["502", "503", "504"].includes(result);
    if (condition === "reset") return isSilence;
    if (["connect-failure", "reset-before-request"].includes(condition)) return result === "refused";
    if (condition === "retriable-4xx") return result === "409";
    return grpcStatuses[condition] === result;
  });
}
