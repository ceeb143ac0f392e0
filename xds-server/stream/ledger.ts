// What is known of resource versions from the answers of all clients: who is trying one, and whether it was accepted or
// refused. In: what was sent to whom and how it was answered. Out: a verdict per version, by which every session spares its
// client what another has refused. Immutable; knows no session and no clock.

import { type LayeredMap, layeredMap, lookUp, namesIn, withEntries } from "#immutable";
import { partsOf } from "../cache/collection.ts";
import type { Origin, ServedResource } from "../cache/resource.ts";

/** A version that somebody has been sent and nobody has accepted. */
export interface Trial {
  /** The connection that tries it. */
  readonly by: string;
  /** Milliseconds; when it was sent. */
  readonly since: number;
  /** It is among what was refused, and the bad one is being looked for: worth a longer wait. */
  readonly suspected: boolean;
}

/** A version that is not sent to anybody any more, because a client has refused it. */
export interface Quarantined {
  readonly typeUrl: string;
  readonly name: string;
  readonly version: string;
  readonly origins: readonly Origin[];
  /** What the client said. */
  readonly message: string;
  /** The node that refused it, and when. */
  readonly nodeId: string;
  readonly at: number;
}

/** The verdicts on one type, by version. */
export interface Book {
  readonly trials: LayeredMap<Trial>;
  readonly accepted: LayeredMap<true>;
  readonly refused: ReadonlyMap<string, Quarantined>;
}

/** The verdicts that hold for clients of one class, by type URL. */
export type Verdicts = ReadonlyMap<string, Book>;

/** By class: clients that are the same software and so judge alike. */
export type Ledger = ReadonlyMap<string, Verdicts>;

/** Who tries or judges. */
export interface Judge {
  readonly connectionId: string;
  readonly nodeId: string;
  /** Name and version of the software. */
  readonly class: string;
}

/** What there is to be learnt from. */
export type LedgerEvent = { readonly judge: Judge } & (
  | {
      readonly kind: "sent";
      readonly typeUrl: string;
      readonly resources: readonly ServedResource[];
      readonly at: number;
    }
  | { readonly kind: "accepted"; readonly typeUrl: string; readonly resources: readonly ServedResource[] }
  /** `certain`: all of these are bad; otherwise one of them is. */
  | {
      readonly kind: "refused";
      readonly typeUrl: string;
      readonly resources: readonly ServedResource[];
      readonly certain: boolean;
      readonly message: string;
      readonly at: number;
    }
  /** The client answers for nothing any more, because it has everything or is gone. */
  | { readonly kind: "rested" }
);

export const emptyLedger: Ledger = new Map();
export const noVerdicts: Verdicts = new Map();

/** Each has a map of refusals of its own: see `settled`. */
function newBook(): Book {
  return { trials: layeredMap(), accepted: layeredMap(), refused: new Map() };
}

const emptyBook = newBook();

/** More accepted versions than these are forgotten, which costs another trial for those that are still about. */
const maxAccepted = 200_000;

/** The book of a type; empty where nothing is known. */
export function bookOf(verdicts: Verdicts, typeUrl: string): Book {
  return verdicts.get(typeUrl) ?? emptyBook;
}

/** Takes in one event. The ledger itself if there is nothing new in it. */
export function stepLedger(before: Ledger, event: LedgerEvent): Ledger {
  const verdicts = before.get(event.judge.class) ?? noVerdicts;
  const after = event.kind === "rested" ? rest(verdicts, event.judge) : learn(verdicts, event);
  return after === verdicts ? before : new Map(before).set(event.judge.class, after);
}

/** Everything in quarantine, in no particular order. */
export function quarantined(ledger: Ledger): readonly Quarantined[] {
  return [...ledger.values()].flatMap((verdicts) =>
    [...verdicts.values()].flatMap(({ refused }) => [...refused.values()]),
  );
}

type Learnt = Exclude<LedgerEvent, { readonly kind: "rested" }>;

function learn(verdicts: Verdicts, event: Learnt): Verdicts {
  const before = verdicts.get(event.typeUrl) ?? newBook();
  const after = stepBook(before, event);
  return after === before ? verdicts : new Map(verdicts).set(event.typeUrl, after);
}

function stepBook(book: Book, event: Learnt): Book {
  switch (event.kind) {
    case "sent":
      return startTrials(book, event.resources, event.judge, event.at);
    case "accepted":
      return accept(book, event.resources);
    case "refused":
      return event.certain ? refuse(book, event) : suspect(book, event);
  }
}

/** By a list as it was sent, the refusals of the book by which all in it was accepted: true until there is another refusal. */
const settled = new WeakMap<readonly ServedResource[], Book["refused"]>();

/** Those of the list that are not known to be accepted. A crowd is sent the same lists, which are looked through once. */
function unsettled({ accepted, refused }: Book, list: readonly ServedResource[]): readonly ServedResource[] {
  return partsOf(list).flatMap((part) => {
    if (settled.get(part) === refused) return [];
    const open = part.filter(({ version }) => !lookUp(accepted, version) || refused.has(version));
    if (open.length === 0) settled.set(part, refused);
    return open;
  });
}

function startTrials(
  book: Book,
  sent: readonly ServedResource[],
  { connectionId: by }: Judge,
  since: number,
): Book {
  const fresh = unsettled(book, sent).filter(({ version }) => {
    if (lookUp(book.accepted, version) || book.refused.has(version)) return false;
    const trial = lookUp(book.trials, version);
    // Sent once more by whoever tries it: the rest of a refused response, whose suspects stay what they are.
    return !trial || (trial.by === by && !trial.suspected);
  });
  if (fresh.length === 0) return book;
  const trial: Trial = { by, since, suspected: false };
  return { ...book, trials: withEntries(book.trials, versionsOf(fresh, trial)) };
}

function accept(book: Book, resources: readonly ServedResource[]): Book {
  // A refusal outweighs: the version is bad for somebody of this class.
  const fresh = unsettled(book, resources).filter(({ version }) => !book.refused.has(version));
  if (fresh.length === 0) return book;
  const known = book.accepted.size + fresh.length > maxAccepted ? layeredMap<true>() : book.accepted;
  return {
    ...book,
    accepted: withEntries(known, versionsOf(fresh, true)),
    trials: withEntries(book.trials, versionsOf(fresh, undefined)),
  };
}

function refuse(book: Book, event: Extract<Learnt, { readonly kind: "refused" }>): Book {
  const { typeUrl, message, at, judge, resources } = event;
  if (isOfSurroundings(message)) {
    return { ...book, trials: withEntries(book.trials, versionsOf(resources, undefined)) };
  }
  const refused = new Map(book.refused);
  for (const { name, version, origins } of resources) {
    if (refused.has(version)) continue;
    refused.set(version, { typeUrl, name, version, origins, message, nodeId: judge.nodeId, at });
  }
  return {
    refused,
    accepted: withEntries(book.accepted, versionsOf(resources, undefined)),
    trials: withEntries(book.trials, versionsOf(resources, undefined)),
  };
}

function suspect(book: Book, event: Extract<Learnt, { readonly kind: "refused" }>): Book {
  const open = event.resources.filter(
    ({ version }) => !lookUp(book.accepted, version) && !book.refused.has(version),
  );
  const trial: Trial = { by: event.judge.connectionId, since: event.at, suspected: true };
  return { ...book, trials: withEntries(book.trials, versionsOf(open, trial)) };
}

function rest(verdicts: Verdicts, { connectionId }: Judge): Verdicts {
  let after: Map<string, Book> | undefined;
  for (const [typeUrl, book] of verdicts) {
    if (book.trials.size === 0) continue;
    const over = [...namesIn(book.trials)].filter(
      (version) => lookUp(book.trials, version)?.by === connectionId,
    );
    if (over.length === 0) continue;
    const trials = withEntries(
      book.trials,
      over.map((version) => [version, undefined]),
    );
    after = (after ?? new Map(verdicts)).set(typeUrl, { ...book, trials });
  }
  return after ?? verdicts;
}

/**
 * Whether a refusal is about the machine that the client runs on and not about the resource: an address that another
 * process has, a file that is missing there. Envoy words them "cannot bind '0.0.0.0:80': Address already in use".
 */
export function isOfSurroundings(message: string): boolean {
  return /cannot bind|address already in use|cannot assign requested address|permission denied|no such file|invalid path: |unable to read file/i.test(
    message,
  );
}

function versionsOf<V>(resources: readonly ServedResource[], value: V): readonly (readonly [string, V])[] {
  return resources.map(({ version }) => [version, value]);
}
