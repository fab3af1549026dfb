import type { Logger } from "pino";
import type { SendingObstacle } from "pulumi-channels/sdk";
import type { Setup } from "../database/setups.js";
import { Deadline } from "../upstream/deadline.js";
import type { AccountStatus, SesUpstream } from "../upstream/ses.js";

export interface ObstaclesOptions {
	/** How long SES's word holds, in milliseconds. Nor is it asked again before where it gave none. */
	readonly holdsMs: number;
	/** How long one question may take. */
	readonly deadlineMs: number;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
}

type Found = Omit<SendingObstacle, "asked_at">;

/** What keeps domains from sending whose records stand: the state of the AWS account, and of the setup's tenant. */
export class Obstacles {
	readonly #words = new Map<string, { readonly until: number; readonly word: Promise<SendingObstacle[]> }>();

	constructor(
		private readonly upstream: Pick<SesUpstream, "account" | "tenant" | "region">,
		private readonly log: Pick<Logger, "info">,
		private readonly options: ObstaclesOptions,
	) {}

	/** None where SES does not say, or the credentials do not allow the question. It never fails. */
	async of({ id, tenantName, workspaceId }: Setup): Promise<SendingObstacle[]> {
		const deadline = () => new Deadline(this.options.deadlineMs, true, workspaceId);
		const words = await Promise.all([
			this.#once("account", async () =>
				ofAccount(await this.upstream.account(deadline()), this.upstream.region),
			),
			this.#once(`tenant of ${id}`, async () => {
				const tenant = await this.upstream.tenant(tenantName, deadline());
				return tenant?.owner === id && tenant.sendingStatus === "DISABLED" ? [ofTenant(tenantName)] : [];
			}),
		]);
		return words.flat();
	}

	/** Asks once an interval, however many want to know. */
	#once(what: string, ask: () => Promise<Found[]>): Promise<SendingObstacle[]> {
		const now = performance.now();
		for (const [each, { until }] of this.#words) if (now >= until) this.#words.delete(each);
		const known = this.#words.get(what);
		if (known) return known.word;
		const word = ask().then(
			(found) => {
				const asked_at = new Date(this.options.now()).toISOString();
				return found.map((each) => ({ ...each, asked_at }));
			},
			(error: unknown) => {
				this.log.info({ err: error }, `SES does not tell whether the ${what} may send`);
				return [];
			},
		);
		this.#words.set(what, { until: now + this.options.holdsMs, word });
		return word;
	}
}

/**
 * By the API reference, GetAccount. While an account is under review (PROBATION) it sends as before.
 * What the sandbox is: Amazon SES developer guide, "Request production access".
 */
function ofAccount(
	{ productionAccess, sendingEnabled, enforcement }: AccountStatus,
	region: string,
): Found[] {
	const found: Found[] = [];
	if (enforcement === "SHUTDOWN")
		found.push({
			code: "account-suspended",
			reason: `AWS has paused all sending of the account in ${region}, because of the mail that was sent from it. Whoever runs the service finds the reason, and asks for a review, in the SES console, under "Account dashboard".`,
		});
	else if (sendingEnabled === false)
		found.push({
			code: "account-paused",
			reason: `Sending is paused for the whole account in ${region}. Whoever runs the service resumes it: aws sesv2 put-account-sending-attributes --sending-enabled`,
		});
	if (productionAccess === false)
		found.push({
			code: "account-in-sandbox",
			reason: `The AWS account is in the sandbox of SES in ${region}: it sends to verified addresses and domains alone, and 200 messages a day. Whoever runs the service requests production access in the SES console, under "Account dashboard".`,
		});
	return found;
}

function ofTenant(name: string): Found {
	return {
		code: "tenant-paused",
		reason: `Sending is paused in SES for the setup's tenant ${name}, by hand or for its reputation. Whoever runs the service finds the reason, and resumes it, in the SES console, under "Tenants".`,
	};
}
