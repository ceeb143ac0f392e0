// One ADS call: turns messages into session events and session effects into writes. Holds the one timer and the one
// outgoing message of the stream. Knows nothing of how configuration is made or peers are recognized beyond its ports.

import { collectionOf, type Snapshot } from "../cache/snapshot.ts";
import { type ConfigStatus, configStatuses } from "../stream/config-status.ts";
import type { Judge, Quarantined } from "../stream/ledger.ts";
import type { DeltaRequest, DeltaResponse } from "../stream/messages.ts";
import {
  type SessionEffect,
  type SessionEvent,
  type SessionSettings,
  type SessionState,
  startSession,
  stepSession,
} from "../stream/session.ts";
import { typeStatuses } from "../stream/status.ts";
import { testimonyOf } from "../stream/testimony.ts";
import type { Call } from "../transport/call.ts";
import type { StatusName } from "../transport/status.ts";
import type { DecodedRequest } from "./codec.ts";
import type { Dialect } from "./dialect.ts";
import { describeFailure } from "./failure.ts";
import type { ClientStatus, ConfigPort, XdsClient } from "./port.ts";
import { judgeOf, type SharedLedger } from "./shared-ledger.ts";
import type { Line } from "./turns.ts";

/** What a stream needs besides its call. */
export interface AdsStreamOptions {
  readonly client: XdsClient;
  readonly port: ConfigPort;
  readonly settings: SessionSettings;
  readonly dialect: Dialect;
  readonly ledger: SharedLedger;
  /** Where streams wait whose change another one tries. */
  readonly followers: Line<AdsStream>;
  /** Where streams wait whose acknowledgements have come. */
  readonly answers: Line<AdsStream>;
  /** Types that the client asked for on its previous stream. */
  readonly expects: readonly string[];
  /** Milliseconds; never goes back. */
  readonly now: () => number;
  /** Cuts the connection; for a peer that does not even read the status of its ended stream. */
  readonly cut: () => void;
  /** Called once, however the stream ended. */
  readonly onEnd: (stream: AdsStream) => void;
}

/** How long an ended stream may take to flush its status before its connection is cut. */
const flushMs = 2_000;

/** A stream from its first request to its end. */
export class AdsStream {
  readonly client: XdsClient;
  readonly #call: Call;
  readonly #options: AdsStreamOptions;
  readonly #connectedAt: number;
  readonly #judge: Judge;
  #state: SessionState;
  #timer: NodeJS.Timeout | undefined;
  #disconnect: (() => void) | undefined;
  #cutting: NodeJS.Timeout | undefined;
  #ended = false;
  #events: SessionEvent[] = [];
  /** As long as there is nothing to answer it with, because a certificate is being issued. */
  #first: DeltaRequest | undefined;
  /** Acknowledgements that wait, because to take them in would keep the next client from its turn. */
  #answers: DeltaRequest[] = [];
  /** What the client is to have, once it is looked at: another client tries what is in it. */
  #next: Snapshot | undefined;
  #taking = false;
  /** It is to be told of verdicts. */
  #awaits = false;
  /** When `#timer` fires; Infinity for not at all. */
  #wakesAt = Number.POSITIVE_INFINITY;

  constructor(call: Call, options: AdsStreamOptions) {
    const { client, settings, expects, now } = options;
    const { connectionId } = client;
    this.client = client;
    this.#call = call;
    this.#options = options;
    this.#connectedAt = now();
    this.#judge = judgeOf(connectionId, client.node);
    this.#state = startSession({ connectionId, settings, secure: client.secure, expects, at: now() });
    call.listen({
      message: (bytes) => this.#hear(bytes),
      halfClosed: () => {
        this.#finish("the client ended the stream");
        call.end("OK");
      },
      closed: (how) => {
        clearTimeout(this.#cutting);
        this.#finish(how === "reset" ? "the client reset the stream" : "the stream was closed");
      },
    });
  }

  /**
   * Asks the port for configuration and starts with the first request, which had so many bytes. The call is paused until that has been
   * taken: what a client that comes back lists is compared at once, and all of a crowd alike, so there has to be something to compare with.
   */
  start(first: DecodedRequest, bytes: number): void {
    const { port } = this.#options;
    const connection = port.connect(
      this.client,
      (snapshot) => this.#update(snapshot),
      ({ code, message }) => this.end(code, message),
    );
    if ("refuse" in connection) {
      const { code, message } = connection.refuse;
      port.onStatus({
        kind: "refused",
        peer: this.client.peer,
        nodeId: this.client.nodeId,
        refusal: connection.refuse,
      });
      this.end(code, message);
      return;
    }
    this.#disconnect = connection.disconnect;
    if (this.#ended) {
      connection.disconnect();
      return;
    }
    port.onStatus({ kind: "connected", client: this.client });
    port.onStatus({ kind: "received", client: this.client, bytes });
    this.#first = first.request;
    this.#takeFirst();
  }

  #takeFirst(): void {
    const request = this.#first;
    if (!request || !this.#state.snapshot) return;
    this.#first = undefined;
    this.#take({ kind: "request", request, at: this.#options.now() });
    this.#call.resume();
  }

  /** Where the client stands. */
  status(): ClientStatus {
    const snapshotId = this.#state.snapshot?.id;
    return {
      client: this.client,
      connectedAt: this.#connectedAt,
      ...(snapshotId !== undefined && { snapshotId }),
      types: typeStatuses(this.#state),
    };
  }

  /** Where the client stands with each resource. */
  configStatuses(): readonly ConfigStatus[] {
    return configStatuses(this.#state);
  }

  /** Whether the client should have this very version. */
  wants({ typeUrl, name, version }: Quarantined): boolean {
    return collectionOf(this.#next ?? this.#state.snapshot, typeUrl).resources.get(name)?.version === version;
  }

  /** The types that the client has asked for on this stream. */
  askedTypes(): readonly string[] {
    return [...this.#state.types.keys()];
  }

  /** Ends the stream with a status. Idempotent. */
  end(code: StatusName, details: string): void {
    if (this.#ended) return;
    // The status comes after what is being written, which a stalled reader prevents.
    this.#cutting = setTimeout(this.#options.cut, flushMs);
    this.#finish(`${code}: ${details}`);
    this.#call.end(code, details);
  }

  #hear(bytes: Buffer): void {
    const { dialect, now, port } = this.#options;
    port.onStatus({ kind: "received", client: this.client, bytes: bytes.byteLength });
    let request: DeltaRequest;
    try {
      request = dialect.hear(bytes).request;
    } catch {
      this.end("INVALID_ARGUMENT", "the request cannot be decoded");
      return;
    }
    const { answers, ledger } = this.#options;
    if (isAcknowledgement(request) && answers.mustWait() && !ledger.isTrying(this.#judge)) {
      this.#answers.push(request);
      answers.add([this]);
      return;
    }
    this.takeAnswers();
    this.#take({ kind: "request", request, at: now() });
  }

  /** Takes what has waited, in the order in which it came: before anything that came later. */
  takeAnswers(): void {
    if (this.#answers.length === 0) return;
    for (const request of this.#answers.splice(0)) {
      this.#take({ kind: "request", request, at: this.#options.now() });
    }
  }

  #update(snapshot: Snapshot): void {
    this.takeAnswers();
    this.#next = snapshot;
    if (this.#wouldWait()) {
      // To look for what differs now, and again when there is an answer, would be to look twice.
      this.#options.followers.add([this]);
      this.#setWaiting(true);
      return;
    }
    this.#takeNext();
    this.#takeFirst();
  }

  /** Most likely: whether it is the same resource that the other one tries, only a look would tell. */
  #wouldWait(): boolean {
    const { ledger, now, settings } = this.#options;
    return this.#state.seasoned && ledger.isAnotherTrying(this.#judge, now() - settings.canaryWaitMs);
  }

  #takeNext(): boolean {
    const snapshot = this.#next;
    if (!snapshot) return false;
    this.#next = undefined;
    this.#options.followers.forget(this);
    this.#take({ kind: "snapshot", snapshot, at: this.#options.now() });
    return true;
  }

  /** Events that an effect brings about, such as a new snapshot on an ACK, wait until the effects before are done. */
  #take(event: SessionEvent): void {
    this.#events.push(event);
    if (this.#taking) return;
    this.#taking = true;
    try {
      for (let next = this.#events.shift(); next && !this.#ended; next = this.#events.shift())
        this.#step(next);
    } catch (error) {
      // A bug of ours costs the stream that it shows on, and nobody else.
      const message = describeFailure(error);
      this.#options.port.onStatus({ kind: "failed", nodeId: this.client.nodeId, message });
      this.end("INTERNAL", "the server failed");
    } finally {
      this.#taking = false;
    }
  }

  #step(event: SessionEvent): void {
    const { ledger } = this.#options;
    const { state, effects } = stepSession(this.#state, event, ledger.verdicts(this.#judge.class));
    this.#state = state;
    this.#setWaiting(state.awaitsUntil !== undefined || this.#next !== undefined);
    for (const effect of effects) {
      this.#apply(effect, event.at);
      const testimony = testimonyOf(effect, this.#judge, event.at);
      if (testimony) ledger.record(testimony);
    }
    this.#wakeAt(state.dueAt);
  }

  /** Before anything is recorded, so that it is told of what that changes. */
  #setWaiting(awaits: boolean): void {
    if (awaits || this.#awaits) this.#options.ledger.setWaiting(this, awaits);
    // Otherwise whoever has waited is looked at once more, in the midst of a later change.
    if (this.#awaits && !awaits) this.#sleep();
    this.#awaits = awaits;
  }

  /** `since`: the time of the event that brought it about. */
  #apply(effect: SessionEffect, since: number): void {
    switch (effect.kind) {
      case "send":
        this.#send(effect.response, since);
        break;
      case "close":
        if (effect.code === "RESOURCE_EXHAUSTED")
          this.#options.port.onStatus({ kind: "write-timeout", client: this.client });
        this.end(effect.code, effect.message);
        break;
      case "status":
        this.#options.port.onStatus({ client: this.client, ...effect.status });
        break;
    }
  }

  #send(response: DeltaResponse, since: number): void {
    const { dialect, now, port } = this.#options;
    const { client } = this;
    const said = dialect.say(response);
    if (said.kind === "unsayable") {
      this.#take({ kind: "written", at: now() });
      this.#take({ kind: "request", request: said.answer, at: now() });
      return;
    }
    const { message } = said;
    const { typeUrl, nonce, resources, removed } = response;
    // The callback comes when the bytes have left for the network, and never for a stream that was reset meanwhile.
    const handedOver = now();
    this.#call.write(message, (error) => {
      if (error) {
        port.onStatus({ kind: "send-failed", client, typeUrl });
        return;
      }
      const at = now();
      port.onStatus({ kind: "written", client, typeUrl, pushMs: at - since, sendMs: at - handedOver });
      this.#take({ kind: "written", at });
    });
    port.onStatus({
      kind: "sent",
      client: this.client,
      typeUrl,
      nonce,
      resources: resources.length,
      removed: removed.length,
      bytes: message.byteLength,
    });
  }

  /** Looks again at what waits for a verdict, or for the first time at what it was given meanwhile. */
  reconsider(): void {
    if (!this.#takeNext()) this.#take({ kind: "tick", at: this.#options.now() });
  }

  /** A timer that fires too early costs a look; one set anew for each message costs more, and is hardly ever waited for. */
  #wakeAt(at: number | undefined): void {
    if (at === undefined || at >= this.#wakesAt || this.#ended) return;
    clearTimeout(this.#timer);
    this.#wakesAt = at;
    const wait = Math.max(0, Math.ceil(at - this.#options.now()));
    this.#timer = setTimeout(() => {
      this.#wakesAt = Number.POSITIVE_INFINITY;
      this.reconsider();
    }, wait);
  }

  #sleep(): void {
    clearTimeout(this.#timer);
    this.#wakesAt = Number.POSITIVE_INFINITY;
  }

  #finish(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sleep();
    this.#setWaiting(false);
    this.#options.followers.forget(this);
    this.#options.answers.forget(this);
    this.#options.ledger.record({ kind: "rested", judge: this.#judge });
    const connected = this.#disconnect !== undefined;
    this.#disconnect?.();
    if (connected) this.#options.port.onStatus({ kind: "disconnected", client: this.client, reason });
    this.#options.onEnd(this);
  }
}

/** A good answer, and nothing besides. */
function isAcknowledgement({ nonce, error, subscribe, unsubscribe }: DeltaRequest): boolean {
  return nonce !== "" && !error && subscribe.length + unsubscribe.length === 0;
}
