import type { SendingObstacle } from "../../sdk/contract.js";
import { type SesClock, systemClock } from "../calls/clock.js";
import { Deadline } from "../calls/deadline.js";
import type { SesLog } from "../log.js";
import type { AccountStatus } from "../objects/found.js";
import type { Ses } from "../objects/ses.js";
import type { SetupInSes } from "./setup.js";

export interface ObstaclesOptions {
	/** How long SES's word holds, in milliseconds. Nor is it asked again before where it gave none. */
	readonly holdsMs: number;
	/** How long one question may take. */
	readonly deadlineMs: number;
	/** Milliseconds since the epoch. */
	readonly now: () => number;
	readonly clock?: SesClock;
	/** Who works on the AWS account, at the beginning of a sentence, such as `Whoever runs the service`. */
	readonly operator: string;
}

type Found = Omit<SendingObstacle, "asked_at">;

/** What keeps domains from sending whose records stand: the state of the AWS account, and of the setup's tenant. */
export class Obstacles {
	readonly #clock: SesClock;
	readonly #words = new Map<string, { readonly until: number; readonly word: Promise<SendingObstacle[]> }>();

	constructor(
		private readonly ses: Pick<Ses, "account" | "tenant" | "region">,
		private readonly log: Pick<SesLog, "info">,
		private readonly options: ObstaclesOptions,
	) {
		this.#clock = options.clock ?? systemClock;
	}

	/** None where SES does not say, or the credentials do not allow the question. It never fails. */
	async of({ id, tenantName, workspaceId }: SetupInSes): Promise<SendingObstacle[]> {
		const { deadlineMs, operator } = this.options;
		const deadline = () => new Deadline(deadlineMs, { clock: this.#clock, line: workspaceId });
		const words = await Promise.all([
			this.#once("account", async () => {
				using until = deadline();
				return ofAccount(await this.ses.account(until), this.ses.region, operator);
			}),
			this.#once(`tenant of ${id}`, async () => {
				using until = deadline();
				const tenant = await this.ses.tenant(tenantName, until);
				return tenant?.owner === id && tenant.sendingStatus === "DISABLED"
					? [ofTenant(tenantName, operator)]
					: [];
			}),
		]);
		return words.flat();
	}

	/** Asks once an interval, however many want to know. */
	#once(what: string, ask: () => Promise<Found[]>): Promise<SendingObstacle[]> {
		const now = this.#clock.now();
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
	operator: string,
): Found[] {
	const found: Found[] = [];
	if (enforcement === "SHUTDOWN")
		found.push({
			code: "account-suspended",
			reason: `AWS has paused all sending of the account in ${region}, because of the mail that was sent from it. ${operator} finds the reason, and asks for a review, in the SES console, under "Account dashboard".`,
		});
	else if (sendingEnabled === false)
		found.push({
			code: "account-paused",
			reason: `Sending is paused for the whole account in ${region}. ${operator} resumes it: aws sesv2 put-account-sending-attributes --sending-enabled`,
		});
	if (productionAccess === false)
		found.push({
			code: "account-in-sandbox",
			reason: `The AWS account is in the sandbox of SES in ${region}: it sends to verified addresses and domains alone, and 200 messages a day. ${operator} requests production access in the SES console, under "Account dashboard".`,
		});
	return found;
}

function ofTenant(name: string, operator: string): Found {
	return {
		code: "tenant-paused",
		reason: `Sending is paused in SES for the setup's tenant ${name}, by hand or for its reputation. ${operator} finds the reason, and resumes it, in the SES console, under "Tenants".`,
	};
}
