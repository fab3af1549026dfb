import type { Logger } from "pino";
import { Deadline, type Ses } from "pulumi-channels/ses";
import type { SetupStore } from "../database/setups.js";

export interface ExpiryOptions {
	/** How long a setup may go without ever being verified, in milliseconds. */
	readonly afterMs: number;
	/** How long one question to SES may take. */
	readonly deadlineMs: number;
}

/** When a setup is looked at again of which SES said nothing, in milliseconds. */
const restMs = 3_600_000;

/**
 * Ends setups that have never been verified, so that nobody holds a name for ever who cannot use it. SES has the last
 * word: it looks for a domain's records by itself, so a domain may be in use of which nobody has asked us.
 */
export class Expiry {
	constructor(
		private readonly setups: SetupStore,
		private readonly upstream: Pick<Ses, "identity">,
		private readonly log: Logger,
		private readonly options: ExpiryOptions,
	) {}

	/** Looks at one, and marks it as being deleted where its time is over. */
	async look(): Promise<void> {
		const setup = await this.setups.takeUnverified(this.options.afterMs, restMs);
		if (!setup) return;
		const { id, domain, workspaceId } = setup;
		using deadline = new Deadline(this.options.deadlineMs, { isUrgent: false, line: workspaceId });
		const identity = await this.upstream.identity(domain, deadline);
		const isOwn = identity?.owner === id;
		if (
			isOwn &&
			(identity.dkim.status === "SUCCESS" || identity.verificationInfo.lastSuccessAt !== undefined)
		) {
			await this.setups.markVerified(id);
			return;
		}
		const useCases = await this.setups.markDeleting(id, { ifUnverified: true });
		if (useCases.length > 0) return;
		this.log.warn(
			{ setupId: id, domain, workspaceId },
			"a setup was never verified; its time is over, and it is taken down",
		);
	}
}
