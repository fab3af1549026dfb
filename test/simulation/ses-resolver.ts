import type { CachingResolver } from "../../sandbox/dns/resolver.js";
import type { SesResolver } from "../../sandbox/ses/ses-operations.js";

type DnsAnswers = ReturnType<CachingResolver["resolve"]>["answers"];

/** Whom SES asks for records, without a socket. */
export function sesResolver(resolver: CachingResolver): SesResolver {
	const asked = (name: string, type: string): DnsAnswers | { failure: string } => {
		const { rcode, answers } = resolver.resolve(name, type);
		return rcode === "NOERROR" || rcode === "NXDOMAIN" ? answers : { failure: rcode };
	};
	return {
		async cname(name) {
			const answers = asked(name, "CNAME");
			if ("failure" in answers) return answers;
			return { targets: answers.flatMap((answer) => (answer.type === "CNAME" ? [answer.data] : [])) };
		},
		async mx(name) {
			const answers = asked(name, "MX");
			if ("failure" in answers) return answers;
			return {
				exchangers: answers.flatMap((answer) =>
					answer.type === "MX" ? [`${answer.data.preference ?? 0} ${answer.data.exchange}`] : [],
				),
			};
		},
		async txt(name) {
			const answers = asked(name, "TXT");
			if ("failure" in answers) return answers;
			return {
				texts: answers.flatMap((answer) =>
					answer.type === "TXT" ? [[answer.data].flat().map(String).join("")] : [],
				),
			};
		},
	};
}
