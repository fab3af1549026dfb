import { defaultAccount, sandboxAccount } from "../../sandbox/index.js";
import { type Stage, startStage } from "../support/stage.js";
import type { Api } from "./setups.js";

/** An account whose zones are reached by a role. */
export const partner = sandboxAccount("222222222222");
export const role = { arn: `arn:aws:iam::${partner.id}:role/dns`, externalId: "agreed" };

/** A stage that one case has to itself: its log and its faults are those of the case. */
export interface Lane {
	readonly stage: Stage;
	/** The DNS of a provider in-process: that of the service has no faults. */
	readonly dnsServer: string;
}

/** That DNS server's name. */
export const face = "provider";

/** What nobody may read anywhere. */
export const secretsOf = ({ service }: Stage): string[] => [
	service.apiKey,
	defaultAccount.secretAccessKey,
	partner.secretAccessKey,
];

const idle: Readonly<Record<Api, Lane[]>> = { remote: [], embedded: [] };
let places = 0;

/** Gives the work a stage, and the name of a domain that it has not seen yet. */
export async function onLane<T>(
	work: (lane: Lane, name: string) => Promise<T>,
	api: Api = "remote",
): Promise<T> {
	const lane = idle[api].pop() ?? (await startLane(api));
	places += 1;
	try {
		return await work(lane, `place${places}`);
	} finally {
		lane.stage.sandbox.faults.clear();
		idle[api].push(lane);
	}
}

async function startLane(api: Api): Promise<Lane> {
	// With a MAIL FROM there are names that only the setup tells, so that the zone is read once more.
	const service = { mailFrom: "bounce" };
	// Whoever takes in what stands in SES looks at it before its records are published. The sandbox's SES asks the DNS at every
	// such look, which Amazon's does in its own time, and would remember for minutes that they are not there.
	const dns = api === "embedded" ? { longestNegativeTtl: 1 } : {};
	const stage = await startStage({ sandbox: { accounts: [partner], roles: [role], dns }, service });
	return { stage, dnsServer: await stage.sandbox.dns.addServer({ name: face }) };
}

export async function closeLanes(): Promise<void> {
	await Promise.all(
		Object.values(idle)
			.flat()
			.map(({ stage }) => stage[Symbol.asyncDispose]()),
	);
}
