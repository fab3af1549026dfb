/**
 * What one check may ask. Whoever controls a domain says who is asked about it, so neither the number of its name
 * servers nor of their addresses may say how much.
 */
import type { Answer, Ask } from "./answer.js";

/**
 * So many name servers of a zone are asked: as many as the root has, for which a message of 512 octets has room. BIND
 * heeds no more of a delegation either (`max-delegation-servers`, 13 in its reference manual).
 */
export const MAX_SERVERS = 13;

/** The search for 13 servers takes as many, and that for four servers of a name four zones deep some less. */
const SEARCH_QUESTIONS = 48;

/** How many questions the check of so many records of one domain may ask. */
export const questionsFor = (records: number) => SEARCH_QUESTIONS + MAX_SERVERS * records;

/** Why further name servers of a zone are left out. */
export const tooManyServers = `not asked: a check asks ${MAX_SERVERS} name servers of a zone at most`;

/**
 * Asks so many questions and no more: the others fail. An address whose first answer does not come is asked nothing
 * else, for which further questions to it wait.
 */
export function askAtMost(questions: number, ask: Ask): Ask {
	const spent: Answer = {
		kind: "failed",
		reason: `not asked: a check asks ${questions} questions at most`,
		silent: true,
	};
	const firstAnswers = new Map<string, Promise<Answer>>();
	let left = questions;

	const pose: Ask = async (name, type, server) => {
		if (left === 0) return spent;
		left -= 1;
		return ask(name, type, server);
	};
	return async (name, type, server) => {
		if (server === undefined) return pose(name, type);
		const earlier = firstAnswers.get(server);
		if (earlier === undefined) {
			const first = pose(name, type, server);
			firstAnswers.set(server, first);
			return first;
		}
		const answer = await earlier;
		return answer.kind === "failed" && answer.silent ? answer : pose(name, type, server);
	};
}

/** Asks each question once, so that records of one domain share the way to its servers. */
export function askOnce(ask: Ask): Ask {
	const answers = new Map<string, Promise<Answer>>();
	return (name, type, server) => {
		const key = JSON.stringify([name, type, server]);
		const answer = answers.get(key) ?? ask(name, type, server);
		answers.set(key, answer);
		return answer;
	};
}
