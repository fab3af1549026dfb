/** The Channels API in the provider, on the real CLI: what each command asks Amazon SES and Route 53. */
import { beforeEach, expect, test } from "vitest";
import { useEmbeddedStage } from "../support/embedded-stage.js";

const stage = useEmbeddedStage();
beforeEach(() => stage.sandbox.log.clear());

const program = (names: { tenantName: string; domainIdentity: string }) => `
import { SesSetup } from "pulumi-channels";
const mail = new SesSetup("mail", ${JSON.stringify({ ...names, route53: true, waitForVerification: true })});
export const records = mail.dnsRecords;
export const sender = mail.verifiedDomain;
`;

/** What was asked since the last time. */
const asked = () => {
	const { GetChange: _, ...route53 } = stage.calls("route53");
	const calls = { sesv2: stage.calls("sesv2"), route53, sts: stage.calls("sts") };
	stage.sandbox.log.clear();
	return calls;
};
const nothing = { sesv2: {}, route53: {}, sts: {} };

test("one setup goes from nothing to verified and back, by as few calls as there are, with AWS alone", {
	tags: ["witness"],
}, async () => {
	const zone = stage.sandbox.route53.createZone("budget.test");
	const before = stage.sandbox.route53.records(zone.id);
	await using project = await stage.project({
		program: program({ tenantName: "budget", domainIdentity: "mail.budget.test" }),
	});

	await project.preview();
	expect(asked()).toEqual(nothing);

	await project.up();
	const outputs = await project.outputs();
	expect(outputs.sender).toBe("mail.budget.test");
	expect(outputs.records).toHaveLength(5);
	expect(stage.sandbox.route53.records(zone.id)).toHaveLength(before.length + 5);
	const { sesv2, route53, sts } = asked();
	// Before the create, and with each question whether it is verified.
	const { GetEmailIdentity: looks, ...made } = sesv2;
	expect(looks).toBeLessThanOrEqual(3);
	expect(made).toEqual({
		// Before the create, and, as GetAccount, for what keeps a verified domain from sending.
		GetTenant: 2,
		CreateTenant: 1,
		CreateEmailIdentity: 1,
		CreateTenantResourceAssociation: 1,
		GetAccount: 1,
	});
	expect(route53).toEqual({
		ListHostedZonesByName: 1,
		GetHostedZone: 1,
		ListResourceRecordSets: 2,
		ChangeResourceRecordSets: 1,
	});
	expect(sts).toEqual({ GetCallerIdentity: 1 });

	expect((await project.up()).changes).toEqual([]);
	expect((await project.preview()).changes).toEqual([]);
	expect(asked()).toEqual(nothing);

	expect((await project.refresh()).changes).toEqual([]);
	expect(asked()).toEqual({
		sesv2: { GetTenant: 1, GetEmailIdentity: 1, ListTenantResources: 1 },
		route53: { ListResourceRecordSets: 1 },
		sts: { GetCallerIdentity: 1 },
	});

	await project.destroy();
	expect(asked()).toEqual({
		sesv2: {
			GetTenant: 1,
			GetEmailIdentity: 1,
			ListResourceTenants: 1,
			DeleteTenantResourceAssociation: 1,
			DeleteEmailIdentity: 1,
			DeleteTenant: 1,
		},
		route53: { ListResourceRecordSets: 1, ChangeResourceRecordSets: 1 },
		sts: { GetCallerIdentity: 1 },
	});
	expect(stage.sandbox.route53.records(zone.id)).toEqual(before);
	expect([stage.sandbox.ses.tenants(), stage.sandbox.ses.identities()]).toEqual([[], []]);
});
