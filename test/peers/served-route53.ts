import {
	GetHostedZoneCommand,
	ListResourceRecordSetsCommand,
	paginateListHostedZones,
	Route53Client,
} from "@aws-sdk/client-route-53";
import { dropped, type HttpService, type Listener, listen } from "../../sandbox/http.js";
import {
	defaultAccount,
	Faults,
	type HostedZone,
	RequestLog,
	type Sandbox,
	type SimpleRecordSet,
	systemClock,
} from "../../sandbox/index.js";
import { passOn } from "../../sandbox/proxy.js";

/**
 * A Route 53 of others, whose zones the sandbox's DNS serves: a proxy before it, which copies what stands there into
 * the sandbox before it answers a change.
 */
export async function serveRoute53(url: string, sandbox: Sandbox): Promise<Listener> {
	const target = new URL(url);
	const client = new Route53Client({ endpoint: url, region: "us-east-1", credentials: defaultAccount });
	const copies = new Map<string, HostedZone>();
	let copied: Promise<void> = Promise.resolve();

	const service: HttpService = {
		name: "route53",
		route: (request) => ({
			operation: `${request.method} ${request.path}`,
			input: request.body,
			async run() {
				const answer = await passOn(request, target);
				if (request.method === "POST" && answer !== dropped && answer.status < 300) {
					copied = copied.then(() => copyZones(client, copies, sandbox));
					await copied;
				}
				return answer;
			},
		}),
		renderError: ({ status, message }) => ({ status, body: message }),
	};
	const proxy = await listen(service, { clock: systemClock, log: new RequestLog(), faults: new Faults() });
	return {
		url: proxy.url,
		async close() {
			await proxy.close();
			client.destroy();
		},
	};
}

/** Makes the copies, by the ids of the zones they are of, what these are now. A zone that is gone stays. */
async function copyZones(client: Route53Client, copies: Map<string, HostedZone>, { route53 }: Sandbox) {
	for await (const { HostedZones = [] } of paginateListHostedZones({ client }, {})) {
		for (const { Id = "", Name = "" } of HostedZones) {
			const copy = copies.get(Id) ?? route53.createZone(Name, await ownersOf(client, Id));
			copies.set(Id, copy);
			const standing = await recordSets(client, Id);
			const kept = new Set(standing.map(({ name, type }) => `${name} ${type}`));
			for (const { Name, Type } of route53.records(copy.id))
				if (!kept.has(`${Name} ${Type}`)) route53.remove(copy.id, Name, Type);
			for (const set of standing) route53.put(copy.id, set);
		}
	}
}

/** Its name servers, and an account that no program under test has. */
async function ownersOf(client: Route53Client, id: string) {
	const { DelegationSet } = await client.send(new GetHostedZoneCommand({ Id: id }));
	const nameServers = (DelegationSet?.NameServers ?? []).map((host) => host.replace(/\.$/, ""));
	return { nameServers, account: "999999999999" };
}

/** What a program under test writes: plain sets, on one page. */
async function recordSets(client: Route53Client, id: string): Promise<SimpleRecordSet[]> {
	const answer = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId: id }));
	if (answer.IsTruncated) throw new Error(`the zone ${id} has more record sets than one page`);
	return (answer.ResourceRecordSets ?? []).map(({ Name = "", Type, TTL, ResourceRecords = [] }) => ({
		name: Name,
		type: Type as SimpleRecordSet["type"],
		...(TTL === undefined ? {} : { ttl: TTL }),
		values: ResourceRecords.map(({ Value = "" }) => Value),
	}));
}
