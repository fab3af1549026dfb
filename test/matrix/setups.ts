import { defaultAccount } from "../../sandbox/index.js";
import { ChannelsClient, type DnsRecordResponse, NotFoundError } from "../../sdk/index.js";
import { recordsIn, setupsIn } from "../support/in-ses.js";
import type { OthersInSes } from "../support/others-in-ses.js";
import type { Stage } from "../support/stage.js";

/** Who keeps the setups: a Channels API over HTTP, or the one in the provider, in SES. */
export type Api = "remote" | "embedded";

/** A setup as it stands there. */
export interface StandingSetup {
	readonly id: string;
	/** Undefined where it is half-made. */
	readonly tenant: string | undefined;
	readonly records: readonly DnsRecordResponse[];
}

/** What SES has of the account whose credentials there are. */
export const sesOf = ({ sandbox }: Stage) => sandbox.ses.region(defaultAccount.id, "us-east-1");

/** Those that the API has of a domain. */
export async function remoteSetups({ service }: Stage, domain: string): Promise<StandingSetup[]> {
	const { url: baseUrl, apiKey, workspaceId } = service;
	await using client = new ChannelsClient({ apiKey, workspaceId, baseUrl });
	const setups: StandingSetup[] = [];
	for await (const { id, domain_identity } of client.sesSetups.list()) {
		if (domain_identity !== domain) continue;
		const found = await client.sesSetups.get(id).catch((error: unknown) => {
			// One that is just being deleted.
			if (error instanceof NotFoundError) return undefined;
			throw error;
		});
		if (found) setups.push({ id, tenant: found.data.tenant_name, records: found.data.dns_records });
	}
	return setups;
}

/** Those that SES has of a place, but for those of others. */
export function embeddedSetups(stage: Stage, name: string, others: OthersInSes): StandingSetup[] {
	const region = sesOf(stage);
	const isOfPlace = (text = "") =>
		text === name || text.startsWith(`${name}-`) || text.endsWith(`.${name}.test`);
	return setupsIn(region)
		.filter(({ id, tenant, identity }) => {
			return !others.hasSetup(id) && (isOfPlace(tenant?.name) || isOfPlace(identity?.name));
		})
		.map(({ id, tenant, identity, isWhole }) => ({
			id,
			tenant: isWhole ? tenant?.name : undefined,
			records: identity ? recordsIn(region, identity) : [],
		}));
}
