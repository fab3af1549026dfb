import {
	CreateEmailIdentityCommand,
	GetAccountCommand,
	GetEmailIdentityCommand,
	GetTenantCommand,
	PutEmailIdentityMailFromAttributesCommand,
	type PutEmailIdentityMailFromAttributesCommandInput,
	SESv2Client,
} from "@aws-sdk/client-sesv2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";

let sandbox: Sandbox;
let client: SESv2Client;
let zoneId: string;

beforeEach(async () => {
	sandbox = await startSandbox();
	client = new SESv2Client({
		endpoint: sandbox.ses.url,
		region: "us-east-1",
		credentials: defaultAccount,
		maxAttempts: 1,
	});
	zoneId = sandbox.route53.createZone("acme.com").id;
	await client.send(new CreateEmailIdentityCommand({ EmailIdentity: "mail.acme.com" }));
});
afterEach(() => sandbox.close());

const name = "bounce.mail.acme.com";
const ours = "10 feedback-smtp.us-east-1.amazonses.com";
const region = () => sandbox.ses.region(defaultAccount.id, "us-east-1");

const put = (input: Partial<PutEmailIdentityMailFromAttributesCommandInput> = {}) =>
	client.send(
		new PutEmailIdentityMailFromAttributesCommand({
			EmailIdentity: "mail.acme.com",
			MailFromDomain: name,
			...input,
		}),
	);
const publish = (...values: string[]) => sandbox.route53.put(zoneId, { name, type: "MX", values });

async function attributes() {
	sandbox.dns.flushResolver();
	const found = await client.send(new GetEmailIdentityCommand({ EmailIdentity: "mail.acme.com" }));
	return found.MailFromAttributes;
}
const status = async () => (await attributes())?.MailFromDomainStatus;

describe("a MAIL FROM domain", () => {
	it("is told as soon as it is set, and no longer once it is taken away", async () => {
		expect(await attributes()).toEqual({ BehaviorOnMxFailure: "USE_DEFAULT_VALUE" });
		await put({ MailFromDomain: "Bounce.Mail.acme.com", BehaviorOnMxFailure: "REJECT_MESSAGE" });
		expect(await attributes()).toEqual({
			MailFromDomain: name,
			MailFromDomainStatus: "PENDING",
			BehaviorOnMxFailure: "REJECT_MESSAGE",
		});
		await put({ MailFromDomain: undefined });
		expect(await attributes()).toEqual({ BehaviorOnMxFailure: "USE_DEFAULT_VALUE" });
	});

	it.each([
		["the identity's own domain", "mail.acme.com"],
		["a sister of the identity", "bounce.acme.com"],
		["a name that only ends alike", "bouncemail.acme.com"],
	])("is not %s, in AWS's words", async (_, MailFromDomain) => {
		await expect(put({ MailFromDomain })).rejects.toMatchObject({
			name: "BadRequestException",
			message: `Provided MAIL-FROM domain <${MailFromDomain}> is not subdomain of the domain of the identity <mail.acme.com>.`,
		});
	});

	it("may lie below the domain of an identity that is an address", async () => {
		await client.send(new CreateEmailIdentityCommand({ EmailIdentity: "me@mail.acme.com" }));
		await put({ EmailIdentity: "me@mail.acme.com" });
		expect(region().identity("me@mail.acme.com").mailFrom?.domain).toBe(name);
	});

	it.each<[string, Partial<PutEmailIdentityMailFromAttributesCommandInput>]>([
		["no name", { MailFromDomain: "-.mail.acme.com" }],
		["of an identity that is not there", { EmailIdentity: "acme.org", MailFromDomain: "bounce.acme.org" }],
		["of a behaviour that there is not", { BehaviorOnMxFailure: "UseDefaultValue" as "REJECT_MESSAGE" }],
	])("that is %s is a BadRequestException", async (_, input) => {
		await expect(put(input)).rejects.toMatchObject({ name: "BadRequestException" });
	});

	it("is in use once its MX record alone stands, and no longer when that goes", async () => {
		await put();
		expect(await status()).toBe("PENDING");
		publish(ours);
		expect(await status()).toBe("SUCCESS");
		sandbox.route53.remove(zoneId, name, "MX");
		expect(await status()).toBe("TEMPORARY_FAILURE");
		publish(ours);
		expect(await status()).toBe("SUCCESS");
	});

	it.each([
		["another host", "10 feedback-smtp.eu-west-1.amazonses.com"],
		["another priority", "20 feedback-smtp.us-east-1.amazonses.com"],
	])("is not in use with %s", async (_, value) => {
		await put();
		publish(value);
		expect(await status()).toBe("PENDING");
	});

	it("decides nothing of one that is looked for, and doubts one in use, while the DNS fails", async () => {
		await put();
		const fail = () =>
			sandbox.faults.add({
				service: "dns",
				operation: "MX",
				effect: { kind: "error", status: 2, code: "SERVFAIL", message: "" },
			});
		fail();
		expect(await status()).toBe("PENDING");
		publish(ours);
		expect(await status()).toBe("SUCCESS");
		fail();
		expect(await status()).toBe("TEMPORARY_FAILURE");
	});

	it.each([
		["after 72 hours without its record", false],
		["72 hours after its record has gone", true],
	])("is given up %s, until it is set anew", async (_, wasInUse) => {
		await put();
		if (wasInUse) publish(ours);
		await status();
		if (wasInUse) sandbox.route53.remove(zoneId, name, "MX");
		const { mailFrom } = region().identity("mail.acme.com");
		if (mailFrom === undefined) throw new Error("there is none");
		mailFrom.lookingSince -= 73 * 3_600_000;
		if (mailFrom.lastSuccessAt !== undefined) mailFrom.lastSuccessAt -= 73 * 3_600_000;
		expect(await status()).toBe("FAILED");
		publish(ours);
		expect(await status()).toBe("FAILED");
		await put();
		expect(await status()).toBe("SUCCESS");
	});

	it("fails where a second MX record stands", async () => {
		await put();
		publish(ours, "20 mx.example.net");
		expect(await status()).toBe("FAILED");
	});
});

describe("whether an account may send", () => {
	const account = async () => {
		const { SendingEnabled, ProductionAccessEnabled, EnforcementStatus, SendQuota } = await client.send(
			new GetAccountCommand(),
		);
		return [SendingEnabled, ProductionAccessEnabled, EnforcementStatus, SendQuota?.Max24HourSend];
	};

	it("is told as it was edited by hand", async () => {
		expect(await account()).toEqual([true, true, "HEALTHY", 50_000]);
		Object.assign(region().sending, { productionAccess: false, enabled: false, enforcement: "SHUTDOWN" });
		expect(await account()).toEqual([false, false, "SHUTDOWN", 200]);
	});

	it("is told of each tenant, too", async () => {
		region().createTenant("acme", [], Date.now()).sendingStatus = "DISABLED";
		const { Tenant } = await client.send(new GetTenantCommand({ TenantName: "acme" }));
		expect(Tenant?.SendingStatus).toBe("DISABLED");
	});
});
