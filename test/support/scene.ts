import type { Project } from "./project.js";
import type { Stage } from "./stage.js";

/** One setup `mail` of `mail.<name>.test`, with more arguments as they stand in a program. */
export const oneSetup = (name: string, more = "route53: true, waitForVerification: true") => `
import { SesSetup } from "pulumi-channels";
const mail = new SesSetup("mail", { tenantName: "${name}", domainIdentity: "mail.${name}.test", ${more} });
export const id = mail.id;
export const records = mail.dnsRecords;
export const sender = mail.verifiedDomain;
`;

export interface Scene extends Standing {
	readonly zone: { readonly id: string };
	readonly project: Project;
}

interface Standing {
	/** How many setups of this name SES has. */
	setups(): number;
	/** How many record sets of others than the zone itself stand in it. */
	records(): number;
}

/** A zone `<name>.test` and a project for one test, on a log that has only what the test does. */
export async function makeScene({ sandbox, project }: Stage, name: string, more?: string): Promise<Scene> {
	sandbox.log.clear();
	const zone = sandbox.route53.createZone(`${name}.test`);
	return {
		zone,
		project: await project({ program: oneSetup(name, more) }),
		...standing({ sandbox }, name, zone),
	};
}

/** What SES and a zone have of a test. */
export const standing = (
	{ sandbox }: Pick<Stage, "sandbox">,
	name: string,
	zone: { readonly id: string },
): Standing => ({
	setups: () => sandbox.ses.tenants().filter((tenant) => tenant.name === name).length,
	records: () =>
		sandbox.route53.records(zone.id).filter(({ Type }) => Type !== "NS" && Type !== "SOA").length,
});
