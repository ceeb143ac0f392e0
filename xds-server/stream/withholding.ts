// What is kept from a client although it should have it: private keys on a stream that is not secure, and versions that
// another client has refused. In: a session. Out: the session that knows of it, and what there is to tell. Sends nothing.

import { typeUrls } from "../cache/resource-types.ts";
import { collectionOf } from "../cache/snapshot.ts";
import { bookOf, type Verdicts } from "./ledger.ts";
import { permittedTarget } from "./plan.ts";
import type { SessionEffect, SessionState } from "./session.ts";
import { covers } from "./subscription.ts";
import { type TypeState, withMembers } from "./type-state.ts";

/** What another client has refused counts as refused by this one, before it was ever sent. */
export function takeQuarantine(
  state: SessionState,
  verdicts: Verdicts,
  effects: SessionEffect[],
): SessionState {
  let types: Map<string, TypeState> | undefined;
  for (const type of state.types.values()) {
    const { typeUrl, subscription, dirty } = type;
    if (dirty.size === 0) continue;
    const book = bookOf(verdicts, typeUrl);
    if (book.refused.size === 0) continue;
    const spared = [...dirty].flatMap((name) => {
      const target = permittedTarget(state, typeUrl, name);
      const isNew = target && covers(subscription, name) && type.refused.get(name) !== target.version;
      return isNew && book.refused.has(target.version) ? [target] : [];
    });
    if (spared.length === 0) continue;
    effects.push({ kind: "status", status: { kind: "spared", typeUrl, resources: spared } });
    const refused = new Map(type.refused);
    for (const { name, version } of spared) refused.set(name, version);
    types = (types ?? new Map(state.types)).set(typeUrl, { ...type, refused });
  }
  return types ? { ...state, types } : state;
}

/** Tells once of each confidential resource asked for on a stream that may not have it. */
export function reportWithheld(state: SessionState, effects: SessionEffect[]): SessionState {
  const secrets = state.secure ? undefined : state.types.get(typeUrls.secret);
  if (!secrets || secrets.dirty.size === 0) return state;
  const { typeUrl, dirty, subscription } = secrets;
  const { resources } = collectionOf(state.snapshot, typeUrl);
  let withheld = state.withheld;
  for (const name of dirty) {
    if (!resources.get(name)?.confidential || withheld.has(name) || !covers(subscription, name)) continue;
    withheld = withMembers(withheld, [name]);
    const why = "the stream is not both encrypted and authenticated";
    effects.push({ kind: "status", status: { kind: "secret-withheld", typeUrl, name, why } });
  }
  return withheld === state.withheld ? state : { ...state, withheld };
}
