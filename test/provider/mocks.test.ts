import * as pulumi from "@pulumi/pulumi";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { AwsRecords } from "../../provider/aws.js";
import { readSettings } from "../../provider/core/settings/settings.js";
import {
	ChannelsProvider,
	type ChannelsProviderArgs,
	getSesSetupOutput,
	getSesSetups,
	SesSetup,
	Verification,
} from "../../provider/index.js";

/** What users write: mocks that give every resource its inputs back, and nothing more. */
let registered: pulumi.runtime.MockResourceArgs[];
beforeEach(async () => {
	registered = [];
	pulumi.runtime.setAllConfig({});
	await pulumi.runtime.setMocks({
		call: () => ({}),
		newResource: (resource) => {
			registered.push(resource);
			return { id: `${resource.name}-id`, state: resource.inputs };
		},
	});
});

const settled = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve as never));
const names = { tenantName: "acme", domainIdentity: "mail.acme.com" };
const url = "https://channels.acme.test";

describe("a unit test of a program", () => {
	test("may have its key in clear: nothing is stored", async () => {
		pulumi.runtime.setAllConfig({ "channels:apiKey": "ck_test" });
		const mail = new SesSetup("mail", { ...names, route53: true, waitForVerification: true });
		expect(await settled(mail.tenantName)).toBe("acme");
		expect(await settled(mail.records?.id ?? mail.id)).toBe("mail-records-id");
	});

	test("has the verified domain, from the mocks or, where they give only inputs, as the program names it", async () => {
		const dnsRecords = [{ address: "mail.acme.com", type: "MX" as const, record: "10 mx.acme.com" }];
		const wait = () => new Verification("own", { setupId: "9b2f", dnsRecords });
		const setup = new SesSetup("mail", {
			...names,
			domainIdentity: "Mail.Acme.com.",
			waitForVerification: true,
		});
		expect(await settled(setup.verifiedDomain)).toBe("mail.acme.com");
		expect(await settled(wait().verifiedDomain)).toBe("mail.acme.com");
		expect(await settled(wait().dnsRecords)).toEqual(dnsRecords);
		await pulumi.runtime.setMocks({
			call: () => ({}),
			newResource: ({ name }) => ({ id: name, state: { verifiedDomain: "mocked.test" } }),
		});
		expect(await settled(wait().verifiedDomain)).toBe("mocked.test");
	});

	test("has in a preview what the wait will answer: what it needs is verified, and of others nobody knows", async () => {
		const mocks = {
			call: () => ({}),
			newResource: ({ name, inputs }: pulumi.runtime.MockResourceArgs) => ({ id: name, state: inputs }),
		};
		await pulumi.runtime.setMocks(mocks, "project", "stack", true);
		const dnsRecords = [
			{ address: "mail.acme.com", type: "MX" as const, record: "10 mx.acme.com" },
			{ address: "_other.mail.acme.com", type: "TXT" as const, record: "some text" },
		];
		const verified = async (more: object) => {
			const { dnsRecords: foreseen } = new Verification("own", { setupId: "9b2f", dnsRecords, ...more });
			const flags = { mx: foreseen[0]?.verified, other: foreseen[1]?.verified };
			return await pulumi.runtime.serializeProperties("test", flags);
		};
		const { unknownValue } = pulumi.runtime;
		expect(await verified({})).toEqual({ mx: true, other: unknownValue });
		expect(await verified({ purpose: "sending" })).toEqual({ mx: unknownValue, other: unknownValue });
		await pulumi.runtime.setMocks(mocks, "project", "stack", false);
	});

	test("whose mocks give only inputs gets five children of AwsRecords all the same", async () => {
		const mail = new SesSetup("mail", names);
		const records = new AwsRecords("mail", { dnsRecords: mail.dnsRecords, zoneId: "Z1" });
		const children = await settled(records.children.apply(Object.values<{ id: pulumi.Output<string> }>));
		expect(await Promise.all(children.map(({ id }) => settled(id)))).toEqual([
			"mail-dkim-1-id",
			"mail-dkim-2-id",
			"mail-dkim-3-id",
			"mail-mx-id",
			"mail-dmarc-id",
		]);
	});
});

describe("a function that reads setups", () => {
	test("asks the mocks of a unit test, and no API", async () => {
		const calls: pulumi.runtime.MockCallArgs[] = [];
		await pulumi.runtime.setMocks({
			call: (args) => {
				calls.push(args);
				return args.token.endsWith("s")
					? { setups: [{ id: "1", domainIdentity: "a.test", verified: true }] }
					: { id: args.inputs.id, domainIdentity: "mail.acme.com", verified: false, dnsRecords: [] };
			},
			newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
		});
		const key = { apiKey: pulumi.secret("ck_test") };
		expect(await settled(getSesSetupOutput("9b2f", key))).toMatchObject({ id: "9b2f", verified: false });
		expect(await getSesSetups()).toMatchObject([{ domainIdentity: "a.test" }]);
		expect(calls.map(({ token, inputs }) => [token, inputs])).toEqual([
			["channels:index:getSesSetup", { id: "9b2f" }],
			["channels:index:getSesSetups", {}],
		]);
	});

	test("finds no setups where the mocks give none", async () => {
		expect(await getSesSetups()).toEqual([]);
	});
});

describe("ChannelsProvider", () => {
	const inputsOf = async (name: string, more: { baseUrl?: string } = {}) => {
		const provider = new ChannelsProvider(name, { apiKey: "ck_sales", workspaceId: "w", ...more });
		await settled(provider.id);
		return registered.find((each) => each.name === name)?.inputs;
	};

	test("talks to the stack's own API unless told otherwise: a key of it goes nowhere else", async () => {
		pulumi.runtime.setAllConfig({
			"channels:baseUrl": url,
			"channels:dnsServers": "192.0.2.1",
			"aws:region": "x",
		});
		expect(await inputsOf("same")).toMatchObject({
			"channels:baseUrl": { value: url },
			"channels:dnsServers": { value: "192.0.2.1" },
			"aws:region": { value: "x" },
		});
		expect(await inputsOf("other", { baseUrl: "https://other.test" })).toMatchObject({
			"channels:baseUrl": "https://other.test",
		});
		pulumi.runtime.setAllConfig({});
		expect(await inputsOf("none")).not.toHaveProperty("channels:baseUrl");
	});

	const inputs = async (args: ChannelsProviderArgs) => {
		const name = `account-${registered.length}`;
		await settled(new ChannelsProvider(name, args).id);
		return registered.find((each) => each.name === name)?.inputs ?? {};
	};
	/** As the provider's process has them: a secret is what it holds. */
	const read = async (args: ChannelsProviderArgs) => {
		const config = Object.fromEntries(
			Object.entries<{ value: string } | string>(await inputs(args)).map(([key, value]) => [
				key,
				typeof value === "string" ? value : value.value,
			]),
		);
		return readSettings(
			(key) => config[key],
			() => undefined,
			Object.keys(config),
		);
	};
	const workspaceId = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";

	test("asks Amazon SES itself, and nothing of the stack's remote API is in its way", async () => {
		pulumi.runtime.setAllConfig({
			...{ "channels:apiKey": "ck_test", "channels:workspaceId": workspaceId, "channels:baseUrl": url },
			...{ "channels:dnsServers": "192.0.2.1", "aws:region": "eu-west-1" },
		});
		expect(await read({ api: "embedded", mx: false, mailFrom: "bounce" })).toMatchObject({
			settings: {
				api: { kind: "embedded", workspaceId: undefined, region: "eu-west-1", mx: false, mailFrom: "bounce" },
				dnsServers: ["192.0.2.1:53"],
			},
		});
	});

	test("takes the stack's settings of Amazon SES along, but for those of a role that it has its own of", async () => {
		const roleArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
		pulumi.runtime.setAllConfig({
			...{ "channels:api": "embedded", "channels:sesRegion": "eu-west-1", "channels:mx": "false" },
			...{ "channels:sesProfile": "stack", "channels:sesRoleArn": roleArn("stack") },
			"channels:sesExternalId": "stack",
		});
		const stack = { profile: "stack", roleArn: roleArn("stack"), externalId: "stack" };
		const common = { kind: "embedded", workspaceId, region: "eu-west-1", mx: false };
		expect(await read({ api: "embedded", workspaceId })).toMatchObject({
			settings: { api: { ...common, ...stack } },
		});
		const own = await read({ api: "embedded", workspaceId, sesRoleArn: roleArn("own") });
		expect(own).toMatchObject({ settings: { api: { ...common, roleArn: roleArn("own") } } });
		expect(own).not.toHaveProperty("settings.api.externalId");
		expect(own).not.toHaveProperty("settings.api.profile");
	});

	test("with a key asks a remote API, whatever the stack and the environment ask", async () => {
		pulumi.runtime.setAllConfig({ "channels:api": "embedded", "channels:sesRegion": "eu-west-1" });
		const account = { apiKey: "ck_sales", workspaceId };
		expect(await read(account)).toMatchObject({ settings: { api: { kind: "remote", ...account } } });
		pulumi.runtime.setAllConfig({});
		vi.stubEnv("CHANNELS_API", "embedded");
		expect(await inputs(account)).toMatchObject({ "channels:api": "remote" });
		vi.unstubAllEnvs();
		// States of earlier versions know no such setting, and it would be a change of them.
		expect(await inputs(account)).not.toHaveProperty("channels:api");
	});

	test("says which API it asks as a plain value", () => {
		const api = pulumi.output("embedded") as unknown as "embedded";
		expect(() => new ChannelsProvider("late", { api })).toThrow(/plain value.*\[argument-invalid\]$/s);
	});
});
