// Destination policies by the host they are written for. Another version of a policy makes the list of its host anew, and no other.

import { groupItems } from "#immutable";
import type { DestinationPolicy } from "../model/destination.ts";

export const destinationsByHost = groupItems(({ host }: DestinationPolicy) => host);
