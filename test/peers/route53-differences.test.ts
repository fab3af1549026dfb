/** Where the Route 53s of others and the sandbox answer differently, and who is right by AWS's documentation. */
import {
	ChangeResourceRecordSetsCommand,
	GetChangeCommand,
	ListHostedZonesByNameCommand,
} from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { type PeerServer, startMinistack, startMoto } from "./server.js";
import { set, Zone } from "./zone.js";

let moto: PeerServer;
let ministack: PeerServer;
let sandbox: Sandbox;
beforeAll(async () => {
	[moto, ministack, sandbox] = await Promise.all([
		startMoto(),
		startMinistack(),
		startSandbox({ route53: { insyncMs: 50 } }),
	]);
});
afterAll(async () => {
	await sandbox?.close();
	await ministack?.[Symbol.asyncDispose]();
	await moto?.[Symbol.asyncDispose]();
});

interface Route53Difference {
	what: string;
	/** By AWS's documentation it is the sandbox in every case; this is the page that says so. */
	source: string;
	ask(zone: Zone): Promise<unknown>;
	sandbox: unknown;
	moto: unknown;
	/** Left out where it answers as the sandbox does. */
	ministack?: unknown;
}

/** The name of the error, or "done". */
const outcome = (work: Promise<unknown>) => work.then(() => "done").catch((error: Error) => error.name);
const name = (zone: Zone, label: string) => `${label}.${zone.name}`;

const api = "Route 53 API reference";
const guide = "Route 53 developer guide";

const route53: Route53Difference[] = [
	{
		what: "a CREATE of a set that exists with other values",
		source: `${api}, Change: CREATE is for a set that does not exist`,
		async ask(zone) {
			await zone.create(set(name(zone, "a"), "TXT", '"x"'));
			return outcome(zone.create(set(name(zone, "a"), "TXT", '"y"')));
		},
		sandbox: "InvalidChangeBatch",
		moto: "done",
	},
	{
		what: "a CNAME beside another set",
		source: `${guide}, supported DNS record types: no other record may have the name of a CNAME`,
		async ask(zone) {
			await zone.create(set(name(zone, "a"), "TXT", '"x"'));
			return outcome(zone.create(set(name(zone, "a"), "CNAME", "b.test")));
		},
		sandbox: "InvalidChangeBatch",
		moto: "done",
		ministack: "done",
	},
	{
		what: "a CNAME at the apex",
		source: `${guide}, supported DNS record types: none at the top node of the namespace`,
		ask: (zone) => outcome(zone.create(set(zone.name, "CNAME", "b.test"))),
		sandbox: "InvalidChangeBatch",
		moto: "done",
		ministack: "done",
	},
	{
		what: "a plain set beside routed ones",
		source: `${api}, ResourceRecordSet, SetIdentifier: simple and routed sets of one name and type exclude each other`,
		async ask(zone) {
			await zone.create({ ...set(name(zone, "a"), "A", "192.0.2.1"), SetIdentifier: "a", Weight: 1 });
			return outcome(zone.create(set(name(zone, "a"), "A", "192.0.2.2")));
		},
		sandbox: "InvalidChangeBatch",
		moto: "done",
		ministack: "done",
	},
	{
		what: "a TXT value without quotes",
		source: `${guide}, TXT record type: one or more strings in double quotes`,
		ask: (zone) => outcome(zone.create(set(name(zone, "a"), "TXT", "no quotes"))),
		sandbox: "InvalidChangeBatch",
		moto: "done",
		ministack: "done",
	},
	{
		what: "a TXT string of 300 characters",
		source: `${guide}, TXT record type: 255 characters for each string`,
		ask: (zone) => outcome(zone.create(set(name(zone, "a"), "TXT", `"${"x".repeat(300)}"`))),
		sandbox: "InvalidChangeBatch",
		moto: "done",
		ministack: "done",
	},
	{
		what: "an MX value without a priority",
		source: `${guide}, MX record type: priority and host`,
		ask: (zone) => outcome(zone.create(set(name(zone, "a"), "MX", "mx.test"))),
		sandbox: "InvalidChangeBatch",
		moto: "done",
		ministack: "done",
	},
	{
		what: "a batch of 35,000 characters",
		source: `${guide}, quotas: 32,000 characters in all values of a request`,
		ask: (zone) =>
			outcome(
				zone.create(
					...Array.from({ length: 10 }, (_, index) =>
						set(
							name(zone, `a${index}`),
							"TXT",
							Array.from({ length: 14 }, () => `"${"x".repeat(248)}"`).join(""),
						),
					),
				),
			),
		sandbox: "InvalidChangeBatch",
		moto: "done",
		ministack: "done",
	},
	{
		what: "a DELETE of what is not there",
		source: `${api}, ChangeResourceRecordSets, errors: InvalidChangeBatch`,
		ask: (zone) => outcome(zone.delete(set(name(zone, "a"), "TXT", '"x"'))),
		sandbox: "InvalidChangeBatch",
		moto: "InvalidInput",
	},
	{
		what: "a set that stood there once",
		source: `${api}, Change: CREATE is for a set that does not exist, and a deleted one does not`,
		async ask(zone) {
			const [once, neighbour] = [set(name(zone, "a"), "TXT", '"x"'), set(name(zone, "b"), "TXT", '"x"')];
			await zone.create(once, neighbour);
			await zone.delete(once);
			return outcome(zone.create(once));
		},
		sandbox: "done",
		moto: "InvalidChangeBatch",
	},
	{
		what: "a batch of which one change is refused",
		source: `${api}, ChangeResourceRecordSets: Route 53 makes all of the changes or none`,
		async ask(zone) {
			await outcome(zone.create(set(name(zone, "a"), "TXT", '"x"'), set(name(zone, "a"), "TXT", '"x"')));
			return (await zone.records()).filter(({ Name }) => Name === `${name(zone, "a")}.`).length;
		},
		sandbox: 0,
		moto: 2,
	},
	{
		what: "the spelling of names",
		source: `${guide}, DNS domain name format: lower case, and octal escapes for all but a-z, 0-9, - and _`,
		async ask(zone) {
			await zone.create(set(name(zone, "*"), "A", "192.0.2.1"), set(name(zone, "MiXed"), "A", "192.0.2.1"));
			return (await zone.records())
				.filter(({ Type }) => Type === "A")
				.map(({ Name }) => Name?.replace(`.${zone.name}.`, ""));
		},
		sandbox: ["\\052", "mixed"],
		moto: ["*", "MiXed"],
		ministack: ["*", "MiXed"],
	},
	{
		what: "the order of names",
		source: `${api}, ListResourceRecordSets: the trailing dot counts, so a hyphen comes before it`,
		async ask(zone) {
			const names = ["a", "a-b", "x.a"].map((label) => name(zone, label));
			await zone.create(...names.map((each) => set(each, "A", "192.0.2.1")));
			return (await zone.records())
				.filter(({ Type }) => Type === "A")
				.map(({ Name }) => Name?.replace(`.${zone.name}.`, ""));
		},
		sandbox: ["a-b", "a", "x.a"],
		moto: ["a", "a-b", "x.a"],
		ministack: ["a", "x.a", "a-b"],
	},
	{
		what: "zones from a name on",
		source: `${api}, ListHostedZonesByName: the list begins with the name, in order, up to 100`,
		async ask(zone) {
			await Zone.create(name(zone, "below"), zone.url);
			const answer = await zone.route53.send(new ListHostedZonesByNameCommand({ DNSName: zone.name }));
			return answer.HostedZones?.[1]?.Name === `below.${zone.name}.`
				? "then those below it"
				: "not those below it";
		},
		sandbox: "then those below it",
		moto: "not those below it",
		ministack: "not those below it",
	},
	{
		what: "a change that nobody made",
		source: `${api}, GetChange, errors: NoSuchChange`,
		ask: (zone) => outcome(zone.route53.send(new GetChangeCommand({ Id: "C0NOTHING" }))),
		sandbox: "NoSuchChange",
		moto: "done",
	},
	{
		what: "a change just made",
		source: `${api}, ChangeResourceRecordSets: PENDING first, INSYNC when all name servers have it`,
		async ask(zone) {
			const command = new ChangeResourceRecordSetsCommand({
				HostedZoneId: zone.id,
				ChangeBatch: {
					Changes: [{ Action: "CREATE", ResourceRecordSet: set(name(zone, "a"), "A", "192.0.2.1") }],
				},
			});
			return (await zone.route53.send(command)).ChangeInfo?.Status;
		},
		sandbox: "PENDING",
		moto: "INSYNC",
	},
];

describe("of Route 53 the sandbox is right about", () => {
	it.each(route53)("$what ($source)", async (each) => {
		const label = `d${route53.indexOf(each)}.test`;
		const ask = async ({ url }: { url: string }) => each.ask(await Zone.create(label, url));
		expect({
			sandbox: await ask(sandbox.route53),
			moto: await ask(moto),
			ministack: await ask(ministack),
		}).toEqual({
			sandbox: each.sandbox,
			moto: each.moto,
			ministack: "ministack" in each ? each.ministack : each.sandbox,
		});
	});
});
