// Which questions are asked, as the server does it.
import type { Answers, LevelCriteria, LevelQuestion } from '../../api/dossierQueries';

/** The answers as the server keeps them. */
export const kept = (answers: Record<string, string[] | null>): Answers => Object.fromEntries(Object.entries(answers).map(([id, answer]) => [id, answer ?? []]));

/** The questions the answers so far lead to, in their order. */
export function asked({ questions }: Pick<LevelCriteria, 'questions'>, answers: Answers): LevelQuestion[] {
  const given: Answers = {};
  const list: LevelQuestion[] = [];
  for (const question of questions) {
    if (question.after !== '' && !(given[question.after] ?? []).some((id) => question.of.includes(id))) continue;
    list.push(question);
    const answer = answers[question.id];
    if (answer && answer.length > 0) given[question.id] = answer;
  }
  return list;
}

/** The answers to what is asked, without those that are empty. */
export function tidied(criteria: Pick<LevelCriteria, 'questions'>, answers: Answers): Answers {
  const out: Answers = {};
  for (const { id } of asked(criteria, answers)) {
    const answer = answers[id];
    if (answer && answer.length > 0) out[id] = [...answer];
  }
  return out;
}

/** What is chosen after a press: an answer that excludes the others takes them away, and they it. */
export function chosen(question: LevelQuestion, before: readonly string[], after: string[]): string[] {
  const alone = new Set(question.answers.filter((one) => one.alone).map((one) => one.id));
  const fresh = after.find((id) => !before.includes(id));
  if (fresh === undefined) return after;
  return alone.has(fresh) ? [fresh] : after.filter((id) => !alone.has(id));
}
