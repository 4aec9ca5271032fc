import { UnstyledButton } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { UnknownField } from '../../api/types';
import { renameField } from '../../lib/query';
import css from './search.module.css';

export interface Problem {
  offset: number;
  length: number;
  message: string;
  expected: string[];
  code?: string;
}

/** The query with its faulty place marked, what is wrong and what would be right. */
export function QueryProblem({ id, query, problem }: { id: string; query: string; problem: Problem }) {
  const { t, i18n } = useTranslation('search');
  // The server counts as JavaScript does.
  const start = problem.offset;
  const end = problem.offset + problem.length;
  // The server's words are English; where it gives a code the catalogue has words of its own.
  const key = `syntax.${(problem.code ?? '').replaceAll('.', '_')}`;
  const message = problem.code && i18n.exists(key, { ns: 'search' }) ? t(key as 'syntax.query_value-missing') : problem.message;
  const marked = query.slice(start, end);
  return (
    <div id={id} role="alert" className={css.problem}>
      <code className="la-mono la-wrap">
        {query.slice(0, start)}
        <mark className={css.mark}>{marked === '' ? '\u2009' : marked}</mark>
        {query.slice(end)}
      </code>
      <div>
        <b>{t('problemAt', { position: start + 1 })}</b> {message}
        {problem.expected.length > 0 && (
          <span className="la-dim">
            {' '}
            {t('expected')} {problem.expected.join(' · ')}
          </span>
        )}
      </div>
    </div>
  );
}

interface UnknownProps {
  query: string;
  unknown: readonly UnknownField[];
  onFix: (query: string) => void;
}

/** Fields no event has, with those that may be meant; one click puts the right name into the query. */
export function UnknownFields({ query, unknown, onFix }: UnknownProps) {
  const { t } = useTranslation('search');
  return (
    <div role="status" className={css.unknown}>
      {unknown.map((field) => (
          <div key={field.name}>
            {t('unknown.text', { name: field.name })}
            {field.nearest.length > 0 && (
              <>
                {' '}
                {t('unknown.meant')}{' '}
                {field.nearest.map((name) => (
                  <UnstyledButton
                    key={name}
                    className={css.fix}
                    onClick={() => {
                      onFix(renameField(query, field.name, name));
                    }}
                  >
                    {name}
                  </UnstyledButton>
                ))}
              </>
            )}
          </div>
      ))}
    </div>
  );
}
