import { randomUUID } from "node:crypto";
import {
	CreateHostedZoneCommand,
	DeleteHostedZoneCommand,
	GetHostedZoneCommand,
	type GetHostedZoneCommandOutput,
	type HostedZone,
	paginateListHostedZones,
	UpdateHostedZoneCommentCommand,
} from "@aws-sdk/client-route-53";
import { sameName } from "pulumi-channels/dns";
import { change, recordSets } from "./changes.js";
import { type Context, type Properties, type Resource, text } from "./resource.js";

/** `aws.route53.Zone`: public zones. */
export const zone: Resource = {
	inputs: ["name", "comment", "forceDestroy"],
	replaceOn: ["name"],

	async create(inputs, { route53, signal }) {
		const created = await route53.send(
			new CreateHostedZoneCommand({
				Name: text(inputs, "name"),
				CallerReference: randomUUID(),
				HostedZoneConfig: { Comment: text(inputs, "comment") },
			}),
			{ abortSignal: signal },
		);
		const { zoneId, ...described } = describe(created);
		return { id: zoneId, outputs: { ...inputs, zoneId, ...described } };
	},

	async read(id, outputs, context) {
		const found = await getZone(id, context);
		if (found === undefined) return undefined;
		const { name: actual, comment, ...described } = describe(found);
		// The program's own spelling stays, or a trailing dot would replace the zone.
		const name = typeof outputs.name === "string" && sameName(outputs.name, actual) ? outputs.name : actual;
		const inputs = { name, comment, forceDestroy: outputs.forceDestroy };
		return { inputs, outputs: { ...outputs, ...inputs, ...described } };
	},

	async update(id, inputs, { route53, signal }) {
		const command = new UpdateHostedZoneCommentCommand({ Id: id, Comment: text(inputs, "comment") });
		await route53.send(command, { abortSignal: signal });
		const found = await route53.send(new GetHostedZoneCommand({ Id: id }), { abortSignal: signal });
		return { ...inputs, ...describe(found) };
	},

	async delete(id, outputs, context) {
		if ((await getZone(id, context)) === undefined) return;
		if (outputs.forceDestroy === true) await empty(id, text(outputs, "name"), context);
		await context.route53.send(new DeleteHostedZoneCommand({ Id: id }), { abortSignal: context.signal });
	},
};

/** The function `aws.route53.getZone`: by `zoneId`, or by `name` among public or private zones. */
export async function lookUpZone(args: Properties, context: Context): Promise<Properties> {
	const { zoneId, name, privateZone = false } = args;
	for (const argument of Object.keys(args)) {
		if (!["zoneId", "name", "privateZone"].includes(argument) && args[argument] !== undefined) {
			throw new Error(`This stand-in for the AWS plugin finds no zones by ${argument}`);
		}
	}
	if (typeof zoneId !== "string" && typeof name !== "string") {
		throw new Error("getZone needs zoneId or name");
	}
	const matches: HostedZone[] = [];
	for await (const page of paginateListHostedZones({ client: context.route53 }, {})) {
		matches.push(
			...(page.HostedZones ?? []).filter((candidate) =>
				typeof zoneId === "string"
					? bareId(candidate.Id) === zoneId
					: sameName(candidate.Name ?? "", String(name)) &&
						(candidate.Config?.PrivateZone ?? false) === privateZone,
			),
		);
	}
	const [match, ...others] = matches;
	const wanted = typeof zoneId === "string" ? zoneId : String(name);
	if (match === undefined) throw new Error(`no matching Route 53 Hosted Zone found: ${wanted}`);
	if (others.length > 0) throw new Error(`multiple Route 53 Hosted Zones match: ${wanted}`);
	const found = await context.route53.send(new GetHostedZoneCommand({ Id: match.Id }));
	return { ...describe(found), id: bareId(match.Id), privateZone: match.Config?.PrivateZone ?? false };
}

type ZoneAnswer = Pick<GetHostedZoneCommandOutput, "HostedZone" | "DelegationSet">;

function describe({ HostedZone, DelegationSet }: ZoneAnswer) {
	const zoneId = bareId(HostedZone?.Id);
	const nameServers = [...(DelegationSet?.NameServers ?? [])].sort();
	return {
		zoneId,
		arn: `arn:aws:route53:::hostedzone/${zoneId}`,
		name: (HostedZone?.Name ?? "").replace(/\.$/, ""),
		comment: HostedZone?.Config?.Comment ?? "",
		callerReference: HostedZone?.CallerReference ?? "",
		resourceRecordSetCount: HostedZone?.ResourceRecordSetCount ?? 0,
		nameServers,
		primaryNameServer: nameServers[0] ?? "",
	};
}

function bareId(id = ""): string {
	return id.replace(/^\/hostedzone\//, "");
}

async function getZone(id: string, { route53, signal }: Context): Promise<ZoneAnswer | undefined> {
	try {
		return await route53.send(new GetHostedZoneCommand({ Id: id }), { abortSignal: signal });
	} catch (error) {
		if (error instanceof Error && error.name === "NoSuchHostedZone") return undefined;
		throw error;
	}
}

/** Removes every record set but the two that a zone cannot be without. */
async function empty(id: string, name: string, context: Context): Promise<void> {
	const changes = [];
	for await (const set of recordSets(id, context)) {
		const own = sameName(set.Name ?? "", name) && (set.Type === "NS" || set.Type === "SOA");
		if (!own) changes.push({ Action: "DELETE" as const, ResourceRecordSet: set });
	}
	if (changes.length > 0) await change(id, changes, context);
}
