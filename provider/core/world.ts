import type { Channels } from "./channels/channels.js";
import type { Route53Access } from "./hosts/route53/api.js";
import type { Operation } from "./operation.js";
import type { Claims } from "./run/claims.js";
import type { Zones } from "./zones/zones.js";

export type { Progress } from "./operation.js";

/**
 * Everything outside that the handlers touch, for one operation. `compose.ts` builds the real one; a test may
 * build another with a clock of its own.
 */
export interface World extends Operation {
	readonly channels: Channels;
	/** The zones that these credentials reach, by host. */
	readonly hosts: Hosts;
	/** How many operations run at once unless it is told otherwise. */
	readonly slots: number;
	/** What this run declares and keeps. */
	readonly claims: Claims;
}

interface Hosts {
	route53(access: Route53Access): Promise<Zones>;
}

/** The world of what asks DNS and Route 53 alone. */
export type DnsWorld = Omit<World, "channels">;

/** The part of the world that a comparison needs: as a rule it asks nobody, and then nothing is loaded for it. */
export interface DiffWorld extends Pick<World, "claims" | "urn"> {
	/** Where the settings say that setups are, as far as they do. */
	readonly home: { readonly workspaceId?: string | undefined; readonly region?: string | undefined };
	/** Whether the engine leaves what is replaced as it is: `retainOnDelete`. */
	readonly retained?: boolean;
	whole(): Promise<World>;
}
