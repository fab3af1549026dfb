import { type DnsRecord, toRecordSets } from "../../dns/index.js";
import { ChannelsClient, type SesSetupDetailResponse } from "../../sdk/index.js";
import type { Stage } from "./stage.js";

/** Registers a domain as the console does: with the API alone, and no stack knows of it. Default: in the stage's workspace. */
export async function registered(
	stage: Stage,
	{ tenant, domain }: { tenant: string; domain: string },
	workspaceId = stage.service.workspaceId,
): Promise<SesSetupDetailResponse> {
	const apiKey = await stage.service.createKey({ workspaceId });
	await using client = new ChannelsClient({ apiKey, workspaceId, baseUrl: stage.service.url });
	const { data } = await client.sesSetups.create({ tenantName: tenant, domainIdentity: domain });
	return data;
}

/** Puts the records of a setup into a hosted zone by hand. */
export function publishByHand(
	stage: Pick<Stage, "sandbox">,
	zone: { id: string },
	records: readonly DnsRecord[],
	ttl = 300,
): void {
	for (const { name, type, values } of toRecordSets(records, ttl))
		stage.sandbox.route53.put(zone.id, { name, type: type as DnsRecord["type"], ttl, values });
}
