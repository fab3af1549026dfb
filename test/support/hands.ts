import {
	CreateEmailIdentityCommand,
	CreateTenantCommand,
	CreateTenantResourceAssociationCommand,
	DeleteEmailIdentityCommand,
	DeleteTenantCommand,
	DeleteTenantResourceAssociationCommand,
	GetEmailIdentityCommand,
	GetTenantCommand,
	NotFoundException,
	paginateListEmailIdentities,
	paginateListResourceTenants,
	paginateListTenantResources,
	paginateListTenants,
	SESv2Client,
	type Tag,
} from "@aws-sdk/client-sesv2";
import { defaultAccount } from "../../sandbox/index.js";
import type { Standing, StandingIdentity, StandingTenant } from "./agreement.js";

type Tags = StandingTenant["tags"];

/** Somebody else with access to the AWS account, who makes, looks at and takes away what is in its SES. */
export class Hands implements Standing {
	readonly #client: SESv2Client;

	/** @param endpoint where no faults are, and where nothing is logged that tests count */
	constructor(endpoint: string) {
		this.#client = new SESv2Client({
			endpoint,
			region: "us-east-1",
			credentials: defaultAccount,
			maxAttempts: 1,
		});
	}

	arn(domain: string): string {
		return `arn:aws:ses:us-east-1:${defaultAccount.id}:identity/${domain}`;
	}

	async createTenant(name: string, tags: Tags = []): Promise<StandingTenant | undefined> {
		await this.#client.send(new CreateTenantCommand({ TenantName: name, Tags: [...tags] }));
		return this.tenant(name);
	}

	async deleteTenant(name: string): Promise<void> {
		await this.#client.send(new DeleteTenantCommand({ TenantName: name }));
	}

	async createIdentity(domain: string, tags: Tags = []): Promise<StandingIdentity | undefined> {
		await this.#client.send(new CreateEmailIdentityCommand({ EmailIdentity: domain, Tags: [...tags] }));
		return this.identity(domain);
	}

	async deleteIdentity(domain: string): Promise<void> {
		await this.#client.send(new DeleteEmailIdentityCommand({ EmailIdentity: domain }));
	}

	async associate(tenant: string, domain: string): Promise<void> {
		const pair = { TenantName: tenant, ResourceArn: this.arn(domain) };
		await this.#client.send(new CreateTenantResourceAssociationCommand(pair));
	}

	async disassociate(tenant: string, domain: string): Promise<void> {
		const pair = { TenantName: tenant, ResourceArn: this.arn(domain) };
		await this.#client.send(new DeleteTenantResourceAssociationCommand(pair));
	}

	/** The names of the tenants that hold a domain's identity, sorted; none where there is no identity. */
	async holders(domain: string): Promise<string[]> {
		const names: string[] = [];
		const pages = paginateListResourceTenants({ client: this.#client }, { ResourceArn: this.arn(domain) });
		await absent(async () => {
			for await (const { ResourceTenants = [] } of pages)
				names.push(...ResourceTenants.map(({ TenantName = "" }) => TenantName));
		});
		return names.sort();
	}

	async tenant(name: string): Promise<StandingTenant | undefined> {
		return absent(async () => {
			const { Tenant } = await this.#client.send(new GetTenantCommand({ TenantName: name }));
			const resources = new Set<string>();
			const pages = paginateListTenantResources({ client: this.#client }, { TenantName: name });
			for await (const { TenantResources = [] } of pages)
				for (const { ResourceArn = "" } of TenantResources) resources.add(ResourceArn);
			return { name, arn: Tenant?.TenantArn ?? "", tags: tagsOf(Tenant?.Tags), resources };
		});
	}

	async identity(domain: string): Promise<StandingIdentity | undefined> {
		return absent(async () => {
			const { Tags } = await this.#client.send(new GetEmailIdentityCommand({ EmailIdentity: domain }));
			return { name: domain, arn: this.arn(domain), tags: tagsOf(Tags) };
		});
	}

	async tenants(): Promise<StandingTenant[]> {
		const names: string[] = [];
		for await (const { Tenants = [] } of paginateListTenants({ client: this.#client }, {}))
			names.push(...Tenants.map(({ TenantName = "" }) => TenantName));
		return standing(await Promise.all(names.map((name) => this.tenant(name))));
	}

	async identities(): Promise<StandingIdentity[]> {
		const names: string[] = [];
		for await (const { EmailIdentities = [] } of paginateListEmailIdentities({ client: this.#client }, {}))
			names.push(...EmailIdentities.map(({ IdentityName = "" }) => IdentityName));
		return standing(await Promise.all(names.map((name) => this.identity(name))));
	}

	close(): void {
		this.#client.destroy();
	}
}

/** What goes between the list and the look at it is no longer there. */
function standing<Thing>(found: readonly (Thing | undefined)[]): Thing[] {
	return found.filter((thing) => thing !== undefined);
}

async function absent<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
	try {
		return await ask();
	} catch (error) {
		if (error instanceof NotFoundException) return undefined;
		throw error;
	}
}

function tagsOf(tags: readonly Tag[] = []): Tags {
	return tags.map(({ Key = "", Value = "" }) => ({ Key, Value }));
}
