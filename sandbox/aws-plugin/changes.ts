import { setTimeout as sleep } from "node:timers/promises";
import {
	type Change,
	ChangeResourceRecordSetsCommand,
	GetChangeCommand,
	ListResourceRecordSetsCommand,
	type ListResourceRecordSetsCommandInput,
	type ListResourceRecordSetsCommandOutput,
	type ResourceRecordSet,
	type RRType,
} from "@aws-sdk/client-route-53";
import { sameName } from "pulumi-channels/dns";
import type { Context } from "./resource.js";

const POLL_MS = 100;
const INSYNC_DEADLINE_MS = 5 * 60 * 1000;

/** Sends one batch and waits until it is INSYNC, as the real plugin does. */
export async function change(zoneId: string, changes: Change[], context: Context): Promise<void> {
	const { route53, signal } = context;
	const { ChangeInfo } = await route53.send(
		new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes: changes } }),
		{ abortSignal: signal },
	);
	const deadline = performance.now() + INSYNC_DEADLINE_MS;
	let status = ChangeInfo?.Status;
	while (status !== "INSYNC") {
		if (performance.now() > deadline) {
			throw new Error(`Route 53 change ${ChangeInfo?.Id} is still ${status} after 5 minutes`);
		}
		await sleep(POLL_MS, undefined, { signal });
		const answer = await route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id }), { abortSignal: signal });
		status = answer.ChangeInfo?.Status;
	}
}

/** The record sets of a zone, from the given one on in Route 53's order. */
export async function* recordSets(
	zoneId: string,
	{ route53, signal }: Context,
	from: Pick<ListResourceRecordSetsCommandInput, "StartRecordName" | "StartRecordType"> = {},
): AsyncGenerator<ResourceRecordSet> {
	let input: ListResourceRecordSetsCommandInput | undefined = { HostedZoneId: zoneId, ...from };
	while (input !== undefined) {
		const command: ListResourceRecordSetsCommand = new ListResourceRecordSetsCommand(input);
		const page: ListResourceRecordSetsCommandOutput = await route53.send(command, { abortSignal: signal });
		yield* page.ResourceRecordSets ?? [];
		input = page.IsTruncated
			? {
					HostedZoneId: zoneId,
					StartRecordName: page.NextRecordName,
					StartRecordType: page.NextRecordType,
					StartRecordIdentifier: page.NextRecordIdentifier,
				}
			: undefined;
	}
}

/** The record set of a name and type, if it exists. */
export async function findRecordSet(
	zoneId: string,
	name: string,
	type: string,
	context: Context,
): Promise<ResourceRecordSet | undefined> {
	const from = { StartRecordName: name, StartRecordType: type as RRType };
	for await (const set of recordSets(zoneId, context, from)) {
		return set.Type === type && sameName(set.Name ?? "", name) ? set : undefined;
	}
	return undefined;
}
