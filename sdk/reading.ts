/** The value of an answer, or what is odd about it and at which field (undefined: the whole). */
export type Reading<T> = { value: T } | { problem: string; field?: string };
