// Collections that never change and know what they came from, so that a small change costs what it changes. Knows nothing of
// what is in them.

export {
  holds,
  type LayeredMap,
  layeredMap,
  lookUp,
  namesIn,
  rebased,
  withEntries,
} from "./layered-map.ts";
export {
  arrangedFrom,
  changesOf,
  differenceOf,
  editSorted,
  filterItems,
  type Groups,
  groupItems,
  joinLists,
  mapItems,
  placesBy,
  placesByKeys,
  rearranged,
  replaceItems,
} from "./lineage.ts";
