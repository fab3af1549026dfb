import { isWithin } from "../../dns/index.js";
import type { HostedZone } from "../../sandbox/route53/zones.js";
import type { Identity, SesRegion, Tag } from "../../sandbox/ses/state.js";
import type { Random } from "./random.js";
import { domains, type Scene } from "./scene.js";

/* What happens in SES where the API is the one in the provider. */

/** What others have in SES before anybody comes, and in the zones of it. */
export function furnishSes(scene: Scene): void {
	if (!scene.inSes) return;
	const { random, clock } = scene;
	const { ses, others } = scene.inSes;
	const maker = new Maker(ses.region, random, clock.now());
	for (const domain of domains) {
		const made = random.weighted<() => ReturnType<Maker["byHand"]>>(
			[7, () => ({})],
			[3, () => maker.byHand(domain)],
			[1, () => maker.byAnotherStack(domain)],
			[0.5, () => maker.inAnotherWorkspace(domain)],
		)();
		others.keep(made);
		const { identity } = made;
		if (identity && random.chance(0.5)) for (const zone of scene.zones) publish(scene, zone, identity);
	}
	others.keep(maker.tenantOfOthers());
	if (random.chance(0.1)) others.keep({ tenant: ses.region.createTenant("tenant-one-1", [], clock.now()) });
}

const tenantOfOthers = "tenant-of-others";

/** Makes what others have. */
class Maker {
	constructor(
		private readonly region: SesRegion,
		private readonly random: Random,
		private readonly now: number,
	) {}

	byHand(domain: string): { identity?: Identity; tenant?: ReturnType<SesRegion["createTenant"]> } {
		const { random, region, now } = this;
		const dkim = random.weighted<Parameters<SesRegion["createIdentity"]>[3]>(
			[5, undefined],
			[1, { by: "owner", selector: "theirs" }],
			[1, { by: "nobody" }],
		);
		const tags = random.chance(0.5) ? [{ Key: "team", Value: "mail" }] : [];
		const identity = region.createIdentity(domain, tags, now, dkim);
		if (random.chance(0.3)) {
			const mailFrom = `${random.pick(["bounce", "theirs"])}.${domain}`;
			const behavior = random.pick(["USE_DEFAULT_VALUE", "REJECT_MESSAGE"] as const);
			region.setMailFrom(domain, { domain: mailFrom, behavior }, now);
		}
		return { identity };
	}

	/** Half-made: its run is under way, or was interrupted. */
	byAnotherStack(domain: string): ReturnType<Maker["byHand"]> {
		const tags = this.#tags("11111111-1111-4111-8111-111111111111");
		const tenant = this.region.createTenant(
			`another-stack-${domain.replaceAll(".", "-")}`,
			[...tags],
			this.now,
		);
		if (this.random.chance(0.5)) return { tenant };
		return { tenant, identity: this.region.createIdentity(domain, tags, this.now) };
	}

	inAnotherWorkspace(domain: string): ReturnType<Maker["byHand"]> {
		const tags = this.#tags("33333333-3333-4333-8333-333333333333");
		const tenant = this.region.createTenant(`elsewhere-${domain.replaceAll(".", "-")}`, [...tags], this.now);
		const identity = this.region.createIdentity(domain, tags, this.now);
		this.region.associate(tenant.name, identity.arn, this.now);
		return { tenant, identity };
	}

	/** With some of the identities that were made by hand. */
	tenantOfOthers() {
		const tenant = this.region.createTenant(tenantOfOthers, [{ Key: "team", Value: "mail" }], this.now);
		for (const { arn } of this.region.identities.values())
			if (this.random.chance(0.2)) this.region.associate(tenant.name, arn, this.now);
		return { tenant };
	}

	#tags(workspaceId: string): Tag[] {
		return [
			{ Key: "channels-setup-id", Value: this.random.uuid() },
			{ Key: "channels-workspace-id", Value: workspaceId },
			{ Key: "channels-create", Value: this.random.uuid() },
		];
	}
}

function publish(scene: Scene, zone: HostedZone, { name, dkim }: Identity): void {
	if (dkim.by !== "ses" || !isWithin(name, zone.name)) return;
	for (const token of dkim.tokens)
		scene.others.add(zone, `${token}._domainkey.${name}`, "CNAME", [`${token}.${dkim.hostedZone}.`]);
}

/** Somebody does something to a setup in SES by hand, or SES to its domain. */
export function upsetSes(scene: Scene): void {
	const { inSes, random } = scene;
	const ours = scene.visible.filter(({ id }) => inSes?.others.hasSetup(id) === false);
	if (!inSes || ours.length === 0) return;
	const { ses, others } = inSes;
	const setup = random.pick(ours);
	const { domain, tenantName, id } = setup;
	const identity = ses.region.identity(domain);
	const what = random.weighted<() => string>(
		[
			2,
			() => {
				if (others.has(domain)) return `SES keeps ${domain}`;
				for (const each of ses.region.tenants.values()) each.resources.delete(identity.arn);
				ses.region.identities.delete(domain);
				return `somebody deletes the identity of ${domain}`;
			},
		],
		[
			1,
			() => {
				ses.region.deleteTenant(tenantName);
				return `somebody deletes tenant ${tenantName}`;
			},
		],
		[
			1,
			() => {
				ses.region.disassociate(tenantName, identity.arn);
				return `somebody takes ${domain} out of tenant ${tenantName}`;
			},
		],
		[
			1,
			() => {
				if (!others.has(domain)) identity.status = "FAILED";
				return `SES gives ${domain} up`;
			},
		],
		[
			1,
			() => {
				ses.remove(setup);
				return `somebody deletes setup ${id} in SES`;
			},
		],
		[
			1,
			() => {
				if (others.has(domain)) return `${domain} stays where it is`;
				ses.region.tenant(tenantOfOthers).resources.set(identity.arn, scene.clock.now());
				return `others put ${domain} into their tenant`;
			},
		],
	)();
	others.lookAgain();
	scene.say(what);
}

/** Others take the domains of setups out of their tenant again. */
export function withdrawFromOthers({ inSes }: Scene): void {
	if (!inSes) return;
	const { ses, others } = inSes;
	const tenant = ses.region.tenant(tenantOfOthers);
	for (const { name, arn } of ses.region.identities.values())
		if (!others.has(name)) tenant.resources.delete(arn);
	others.lookAgain();
}
