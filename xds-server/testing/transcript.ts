// Plays a transcript against the session reducer. In: the steps of a `transcript.yaml`. Out: the first difference between
// what the session did and what stands there. Every response has to be in the transcript.

import { emptyLedger, type Judge, type LedgerEvent, stepLedger } from "../stream/ledger.ts";
import type { DeltaRequest, DeltaResponse } from "../stream/messages.ts";
import { type SessionEffect, type SessionEvent, startSession, stepSession } from "../stream/session.ts";
import { hearWorld, newWorldState, sayWorld } from "../stream/state-of-the-world.ts";
import type { SessionStatus } from "../stream/status.ts";
import { testimonyOf } from "../stream/testimony.ts";
import {
  type Content,
  emptyVersion,
  listed,
  resource,
  resourcesOf,
  snapshotOf,
  typesByShortName,
  type World,
} from "./resources.ts";

/** One line of a transcript. Types are short names (`CDS`); a resource is written `name@content`. */
export type Step =
  | { readonly config: World }
  | {
      readonly client: string;
      /** In the state of the world: all names that the client wants. */
      readonly names?: readonly string[];
      readonly subscribe?: readonly string[];
      readonly unsubscribe?: readonly string[];
      readonly initial?: Readonly<Record<string, Content | number | string>>;
      readonly acks?: number;
      readonly nacks?: number;
      readonly error?: string;
    }
  | {
      readonly server: string;
      readonly nonce?: number;
      readonly resources?: readonly string[];
      readonly removed?: readonly string[];
    }
  | { readonly closes: string; readonly message: string }
  /** A status that has come since the last step; of its fields only those under `where` are compared. */
  | { readonly status: string; readonly type?: string; readonly where?: Readonly<Record<string, unknown>> }
  /** What another client of the same software does with these resources: takes, accepts, refuses (for certain), doubts or leaves. */
  | { readonly other: OtherAct; readonly resources?: World; readonly error?: string }
  /** Milliseconds pass. */
  | { readonly elapsed: number }
  /** From here on nothing that the server sends reaches the network, or it does again. */
  | { readonly reader: "stalls" | "reads" };

type OtherAct = "takes" | "accepts" | "refuses" | "doubts" | "leaves";

/** A whole transcript. */
export interface Transcript {
  /** Default the incremental variant. */
  readonly variant?: "state-of-the-world";
  /** Default true. */
  readonly secure?: boolean;
  /** Short names of types asked for on the client's previous stream. */
  readonly expects?: readonly string[];
  /** Default 0, so that only cases about the grace period have to know of it. */
  readonly removalGrace?: number;
  readonly maxResponseBytes?: number;
  /** Default 100. */
  readonly canaryWait?: number;
  readonly steps: readonly Step[];
}

/** Plays it and returns what differs, with the number of the step; undefined when all is as written. */
export function playTranscript(transcript: Transcript): string | undefined {
  const player = createPlayer(transcript);
  for (const [index, step] of transcript.steps.entries()) {
    const problem = player.play(step);
    if (problem) return `step ${index + 1} (${JSON.stringify(step)}): ${problem}`;
  }
  const extra = player.unasserted();
  return extra && `after the last step: ${extra}`;
}

const self: Judge = { connectionId: "this", nodeId: "this", class: "envoy" };
const other: Judge = { connectionId: "other", nodeId: "other", class: "envoy" };

/** What the ledger learns from another client, type by type. */
function otherEvents(step: Extract<Step, { other: OtherAct }>, at: number): readonly LedgerEvent[] {
  const resources = resourcesOf(step.resources ?? {});
  const types = [...new Set(resources.map(({ typeUrl }) => typeUrl))];
  if (step.other === "leaves") return [{ kind: "rested", judge: other }];
  return types.map((typeUrl) => {
    const about = { judge: other, typeUrl, resources: resources.filter((each) => each.typeUrl === typeUrl) };
    if (step.other === "takes") return { kind: "sent", ...about, at };
    if (step.other === "accepts") return { kind: "accepted", ...about };
    const certain = step.other === "refuses";
    return { kind: "refused", ...about, certain, message: step.error ?? "", at };
  });
}

function createPlayer(transcript: Transcript) {
  let now = 0;
  let stalled = false;
  let state = startSession({
    connectionId: "this",
    settings: {
      ackTimeoutMs: 15_000,
      removalGraceMs: transcript.removalGrace ?? 0,
      writeTimeoutMs: 20_000,
      resubscribeTimeoutMs: 30_000,
      canaryWaitMs: transcript.canaryWait ?? 100,
      maxResponseBytes: transcript.maxResponseBytes ?? Number.POSITIVE_INFINITY,
    },
    secure: transcript.secure ?? true,
    expects: (transcript.expects ?? []).map(typeUrlOf),
    at: 0,
  });
  const sent: DeltaResponse[] = [];
  const closes: Extract<SessionEffect, { kind: "close" }>[] = [];
  let statuses: SessionStatus[] = [];
  const contents = new Map<string, string>();

  let ledger = emptyLedger;
  let said = newWorldState;
  const speaksWorld = transcript.variant === "state-of-the-world";

  /** What the client sees of a response; undefined where its variant has no words for it. */
  const asSeen = (response: DeltaResponse): DeltaResponse | undefined => {
    if (!speaksWorld) return response;
    const { state: after, said: seen } = sayWorld(said, response);
    said = after;
    if (seen.kind === "response") return { ...response, resources: seen.response.resources, removed: [] };
    unsaid.push(seen.answer);
    return undefined;
  };
  const unsaid: DeltaRequest[] = [];

  const take = (event: SessionEvent) => {
    const step = stepSession(state, event, ledger.get(self.class));
    state = step.state;
    for (const effect of step.effects) {
      const testimony = testimonyOf(effect, self, now);
      if (testimony) ledger = stepLedger(ledger, testimony);
      if (effect.kind === "close") closes.push(effect);
      if (effect.kind === "status") statuses.push(effect.status);
      if (effect.kind === "send") {
        const seen = asSeen(effect.response);
        if (seen) sent.push(seen);
        if (!stalled) take({ kind: "written", at: now });
        const answer = unsaid.shift();
        if (answer) take({ kind: "request", request: answer, at: now });
      }
    }
  };

  const hear = (step: Extract<Step, { client: string }>): DeltaRequest => {
    if (!speaksWorld) return requestOf(step);
    const heard = hearWorld(said, { ...requestOf(step), names: step.names ?? [] });
    said = heard.state;
    return heard.request;
  };

  const learn = (world: World) => {
    for (const { typeUrl, name, version } of resourcesOf(world)) {
      const short = Object.keys(typesByShortName).find((key) => typesByShortName[key] === typeUrl) ?? "";
      const content = world[short]?.[name];
      contents.set(version, String(typeof content === "object" ? content.v : content));
    }
  };
  const label = (name: string, version: string) =>
    `${name}@${contents.get(version) ?? (version === emptyVersion(name) ? "empty" : "?")}`;
  const unasserted = () => {
    if (sent[0]) return `unexpected ${describe(sent[0], label)}`;
    return closes[0] ? `unexpected close ${closes[0].code}: ${closes[0].message}` : undefined;
  };

  const act = (step: Step): string | undefined => {
    if ("server" in step) return compareResponse(step, sent.shift(), label);
    if ("closes" in step) {
      const close = closes.shift();
      const same = close && close.code === step.closes && close.message === step.message;
      return same ? undefined : `got ${JSON.stringify(close)}`;
    }
    if ("status" in step) return compareStatus(step, statuses);
    const extra = unasserted();
    if (extra) return `before it: ${extra}`;
    statuses = [];
    if ("config" in step) {
      learn(step.config);
      take({ kind: "snapshot", snapshot: snapshotOf(step.config, state.snapshot), at: now });
    } else if ("client" in step) {
      take({ kind: "request", request: hear(step), at: now });
    } else if ("other" in step) {
      learn(step.resources ?? {});
      for (const event of otherEvents(step, now)) ledger = stepLedger(ledger, event);
      // As the shell does with streams that wait for a verdict.
      if (step.other !== "takes" && state.awaitsUntil !== undefined) take({ kind: "tick", at: now });
    } else if ("elapsed" in step) {
      now += step.elapsed;
      take({ kind: "tick", at: now });
    } else {
      stalled = step.reader === "stalls";
      if (!stalled) take({ kind: "written", at: now });
    }
    return undefined;
  };
  return { play: act, unasserted };
}

function typeUrlOf(shortName: string): string {
  return typesByShortName[shortName] ?? shortName;
}

function requestOf(step: Extract<Step, { client: string }>): DeltaRequest {
  const answers = step.acks ?? step.nacks;
  return {
    typeUrl: typeUrlOf(step.client),
    subscribe: step.subscribe ?? [],
    unsubscribe: step.unsubscribe ?? [],
    initialVersions: listed(
      new Map(
        Object.entries(step.initial ?? {}).map(([name, content]) => [
          name,
          typeof content === "string" ? content : resource(step.client, name, content).version,
        ]),
      ),
    ),
    nonce: answers === undefined ? "" : String(answers),
    ...(step.nacks !== undefined && { error: { code: 13, message: step.error ?? "" } }),
  };
}

type Label = (name: string, version: string) => string;

function describe({ typeUrl, nonce, resources, removed }: DeltaResponse, label: Label): string {
  const names = resources.map(({ name, version }) => label(name, version));
  return `${typeUrl.slice(typeUrl.lastIndexOf(".") + 1)} nonce ${nonce} resources [${names}] removed [${removed}]`;
}

function compareResponse(
  step: Extract<Step, { server: string }>,
  response: DeltaResponse | undefined,
  label: Label,
): string | undefined {
  if (!response) return "the server sent nothing";
  const wanted = `${typeUrlOf(step.server)} ${[...(step.resources ?? [])].sort()} - ${[...(step.removed ?? [])].sort()}`;
  const names = response.resources.map(({ name, version }) => label(name, version));
  const got = `${response.typeUrl} ${names.sort()} - ${[...response.removed].sort()}`;
  if (wanted !== got) return `the server sent ${describe(response, label)}`;
  return step.nonce === undefined || String(step.nonce) === response.nonce
    ? undefined
    : `nonce ${response.nonce}`;
}

function compareStatus(
  step: Extract<Step, { status: string }>,
  statuses: readonly SessionStatus[],
): string | undefined {
  const { status, type, where } = step;
  const seen = statuses.map(plainStatus);
  const matches = seen.some(
    (each) =>
      each.kind === status &&
      (type === undefined || each.typeUrl === typeUrlOf(type)) &&
      Object.entries(where ?? {}).every(
        ([field, wanted]) => JSON.stringify(each[field]) === JSON.stringify(wanted),
      ),
  );
  return matches ? undefined : `there were ${JSON.stringify(seen)}`;
}

interface PlainStatus {
  readonly kind: string;
  readonly typeUrl?: string;
  readonly [field: string]: unknown;
}

/** Resources as `name file:line`, types of a list as they are. */
function plainStatus(status: SessionStatus): PlainStatus {
  if (!("resources" in status)) return { ...status };
  const resources = status.resources.map(({ name, origins }) =>
    [name, ...origins.map(({ position }) => `${position.file}:${position.line}`)].join(" "),
  );
  return { ...status, resources };
}
