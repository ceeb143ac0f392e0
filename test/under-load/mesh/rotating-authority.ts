// A certificate authority whose workload certificates can be renewed at will, where the real one waits for half their life.
// The new ones come from a second instance on the same keys, so that nothing about them is made up.

import type { Authority } from "#runtime";

type Secrets = Awaited<ReturnType<Authority["secretsFor"]>>;

export interface RotatingAuthority extends Authority {
  /** Every connected proxy gets a new key and certificate. */
  rotate(): Promise<void>;
}

export async function createRotatingAuthority(open: () => Promise<Authority>): Promise<RotatingAuthority> {
  const first = await open();
  let latest = first;
  const opened = [first];
  const holders = new Set<{
    identity: Parameters<Authority["secretsFor"]>[0];
    onRenewed: () => void;
    secrets: Secrets;
  }>();
  return {
    ...first,
    async secretsFor(identity, onRenewed) {
      const holder = { identity, onRenewed, secrets: await latest.secretsFor(identity, onRenewed) };
      holders.add(holder);
      return {
        current: () => holder.secrets.current(),
        release: () => {
          holders.delete(holder);
          holder.secrets.release();
        },
      };
    },
    async rotate() {
      latest = await open();
      opened.push(latest);
      for (const holder of [...holders]) {
        const next = await latest.secretsFor(holder.identity, holder.onRenewed);
        if (!holders.has(holder)) {
          next.release();
          continue;
        }
        holder.secrets.release();
        holder.secrets = next;
        holder.onRenewed();
      }
    },
    close: () => {
      for (const each of opened) each.close();
    },
  };
}
