/**
 * The provider against a Route 53 that is not ours: moto. It publishes and removes there what it does in the
 * sandbox. Where the two answer differently, the last test says how, and who is right by AWS's documentation.
 */
import {
	type Change,
	ChangeResourceRecordSetsCommand,
	CreateHostedZoneCommand,
	GetChangeCommand,
	ListHostedZonesByNameCommand,
	ListResourceRecordSetsCommand,
	type ResourceRecordSet,
	Route53Client,
} from "@aws-sdk/client-route-53";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultAccount } from "../../sandbox/index.js";
import { type Rig, Stack, startRig } from "../provider/rig.js";
import { type PeerServer, startMoto } from "./server.js";

let moto: PeerServer;
let rig: Rig;
beforeAll(async () => {
	moto = await startMoto();
	rig = await startRig({ route53: { insyncMs: 50 } });
});
afterAll(async () => {
	await rig?.[Symbol.asyncDispose]();
	await moto?.[Symbol.asyncDispose]();
});

const client = (endpoint: string) =>
	new Route53Client({ endpoint, region: "us-east-1", credentials: defaultAccount, maxAttempts: 1 });

/** A zone at either Route 53, worked on by hand. */
class Zone {
	static async create(name: string, url = moto.url): Promise<Zone> {
		const route53 = client(url);
		const command = new CreateHostedZoneCommand({ Name: name, CallerReference: `${name} ${Math.random()}` });
		const { HostedZone } = await route53.send(command);
		return new Zone(url, route53, (HostedZone?.Id ?? "").replace("/hostedzone/", ""), name);
	}

	private constructor(
		readonly url: string,
		readonly route53: Route53Client,
		readonly id: string,
		readonly name: string,
	) {}

	async change(...changes: Change[]): Promise<void> {
		await this.route53.send(
			new ChangeResourceRecordSetsCommand({ HostedZoneId: this.id, ChangeBatch: { Changes: changes } }),
		);
	}

	create = (...sets: ResourceRecordSet[]) => this.#changeAll("CREATE", sets);
	put = (...sets: ResourceRecordSet[]) => this.#changeAll("UPSERT", sets);
	delete = (...sets: ResourceRecordSet[]) => this.#changeAll("DELETE", sets);

	#changeAll(Action: "CREATE" | "UPSERT" | "DELETE", sets: ResourceRecordSet[]): Promise<void> {
		return this.change(...sets.map((ResourceRecordSet) => ({ Action, ResourceRecordSet })));
	}

	async records(): Promise<ResourceRecordSet[]> {
		const answer = await this.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: this.id }));
		return answer.ResourceRecordSets ?? [];
	}

	/** Each set as one text, in the order of the list. */
	async text(): Promise<string[]> {
		return (await this.records()).map((set) => JSON.stringify(set));
	}

	async values(name: string, type: string): Promise<(string | undefined)[]> {
		const set = (await this.records()).find((each) => each.Name === `${name}.` && each.Type === type);
		return (set?.ResourceRecords ?? []).map(({ Value }) => Value);
	}
}

const set = (Name: string, Type: ResourceRecordSet["Type"], ...values: string[]): ResourceRecordSet => ({
	Name,
	Type,
	TTL: 60,
	ResourceRecords: values.map((Value) => ({ Value })),
});

const world = () => rig.world(undefined, moto.url);
const stack = (zone: Zone, onConflict = {}) =>
	new Stack({
		tenantName: zone.name.replaceAll(".", "-"),
		domainIdentity: `mail.${zone.name}`,
		// The name servers that moto makes up serve nothing.
		route53: { delegationCheck: "off", onConflict },
	});

describe("on moto", () => {
	it("a setup is published and removed, and others' records stay as they were", async () => {
		const zone = await Zone.create("plain.test");
		await zone.put(
			set("_dmarc.mail.plain.test", "TXT", '"one" "two"', '"\\303\\244"'),
			set("old._domainkey.mail.plain.test", "TXT", '"v=DKIM1; p=x"'),
			set("*.plain.test", "A", "192.0.2.1"),
			{ ...set("w.plain.test", "A", "192.0.2.2"), SetIdentifier: "a", Weight: 1 },
		);
		const before = await zone.text();
		const setup = stack(zone);
		await setup.up(world());
		expect(setup.records?.outputs.written).toHaveLength(5);
		expect(await zone.values("_dmarc.mail.plain.test", "TXT")).toEqual([
			'"one" "two"',
			'"\\303\\244"',
			'"v=DMARC1; p=none"',
		]);
		expect(await zone.records()).toHaveLength(before.length + 4);

		const after = await zone.text();
		await setup.up(world());
		await setup.refresh(world());
		await setup.up(world());
		expect(await zone.text()).toEqual(after);

		await setup.destroy(world());
		expect(await zone.text()).toEqual(before);
	});

	it("a conflict is refused with nothing changed; overwritten, it is put back", async () => {
		const zone = await Zone.create("conflict.test");
		await zone.put(set("mail.conflict.test", "MX", "10 mx.conflict.test"));
		const before = await zone.text();
		await expect(stack(zone).up(world())).rejects.toThrow("- MX 10 mx.conflict.test  (TTL 60 s)");
		expect(await zone.text()).toEqual(before);

		const setup = stack(zone, { mx: "overwrite" });
		await setup.up(world());
		expect(await zone.values("mail.conflict.test", "MX")).toEqual([
			"10 inbound-smtp.us-east-1.amazonaws.com",
		]);
		await setup.destroy(world());
		expect(await zone.text()).toEqual(before);
	});

	it("what is changed by hand shows as drift, and stays after a removal", async () => {
		const zone = await Zone.create("drift.test");
		const setup = stack(zone);
		await setup.up(world());
		const [mx] = await zone.values("mail.drift.test", "MX");
		await zone.put(set("mail.drift.test", "MX", "10 hand.test"));
		await setup.refresh(world());
		expect(setup.records?.outputs.drift).toEqual([
			`MX mail.drift.test: ${mx} is gone; found MX 10 hand.test`,
		]);
		// To put ours back is not possible on moto: see "a set that stood there once" below.
		await setup.destroy(world());
		expect(await zone.values("mail.drift.test", "MX")).toEqual(["10 hand.test"]);
		expect(await zone.records()).toHaveLength(3);
	});

	it("the zone is found by name where moto has one that covers the domain", async () => {
		const zone = await Zone.create("found.test");
		const setup = stack(zone);
		await setup.up(world());
		expect(setup.setup?.outputs.zone).toMatchObject({ id: zone.id, name: "found.test" });
		await setup.destroy(world());
	});
});

interface Disagreement {
	what: string;
	/** By AWS's documentation it is the sandbox in every case; this is the page that says so. */
	source: string;
	ask(zone: Zone): Promise<unknown>;
	sandbox: unknown;
	moto: unknown;
}

/** The name of the error, or "done". */
const outcome = (work: Promise<unknown>) => work.then(() => "done").catch((error: Error) => error.name);
const name = (zone: Zone, label: string) => `${label}.${zone.name}`;

const api = "Route 53 API reference";
const guide = "Route 53 developer guide";

const disagreements: Disagreement[] = [
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
	},
	{
		what: "a CNAME at the apex",
		source: `${guide}, supported DNS record types: none at the top node of the namespace`,
		ask: (zone) => outcome(zone.create(set(zone.name, "CNAME", "b.test"))),
		sandbox: "InvalidChangeBatch",
		moto: "done",
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
	},
	{
		what: "a TXT value without quotes",
		source: `${guide}, TXT record type: one or more strings in double quotes`,
		ask: (zone) => outcome(zone.create(set(name(zone, "a"), "TXT", "no quotes"))),
		sandbox: "InvalidChangeBatch",
		moto: "done",
	},
	{
		what: "a TXT string of 300 characters",
		source: `${guide}, TXT record type: 255 characters for each string`,
		ask: (zone) => outcome(zone.create(set(name(zone, "a"), "TXT", `"${"x".repeat(300)}"`))),
		sandbox: "InvalidChangeBatch",
		moto: "done",
	},
	{
		what: "an MX value without a priority",
		source: `${guide}, MX record type: priority and host`,
		ask: (zone) => outcome(zone.create(set(name(zone, "a"), "MX", "mx.test"))),
		sandbox: "InvalidChangeBatch",
		moto: "done",
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
	},
	{
		what: "zones from a name on",
		source: `${api}, ListHostedZonesByName: the list begins with the name, in order, up to 100`,
		async ask(zone) {
			await Zone.create(name(zone, "below"), zone.url);
			const answer = await zone.route53.send(new ListHostedZonesByNameCommand({ DNSName: zone.name }));
			return answer.HostedZones?.slice(0, 2).map(({ Name }) => Name?.replace(`${zone.name}.`, ""));
		},
		sandbox: ["", "below."],
		moto: [""],
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

describe("sandbox and moto disagree, and the sandbox is right, about", () => {
	it.each(disagreements)("$what ($source)", async (each) => {
		const label = `d${disagreements.indexOf(each)}.test`;
		expect(await each.ask(await Zone.create(label, rig.sandbox.route53.url))).toEqual(each.sandbox);
		expect(await each.ask(await Zone.create(label))).toEqual(each.moto);
	});
});
