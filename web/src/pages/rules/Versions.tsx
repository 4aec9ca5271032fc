import '../../i18n/ruledetail';

import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { versionsQuery } from '../../api/attackQueries';
import { lineDiff } from '../../lib/lineDiff';
import { formatTime } from '../../lib/time';
import { ErrorState, Rows } from '../../ui/State';
import css from './rules.module.css';

const signs = { same: '  ', added: '+ ', removed: '- ' };

/** When the rule changed last, who loaded it, and what is different. */
export function Versions({ id }: { id: string }) {
  const { t } = useTranslation('ruledetail');
  const { data, error, refetch } = useQuery(versionsQuery(id));
  if (error) return <ErrorState error={error} retry={() => void refetch()} />;
  if (!data) return <Rows count={2} />;
  const [now, before] = data.items;
  if (!now) return null;
  const by = (name: string) => (name === 'system' ? t('system') : name);
  const at = { by: by(now.by), at: formatTime(now.loadedAt), file: now.file };
  const diff = before?.text && now.text ? lineDiff(before.text, now.text) : undefined;
  return (
    <section>
      <Title order={2} mb={4}>
        {t('versions')}
      </Title>
      <Text size="sm">{before ? t('changed', at) : t('firstVersion', at)}</Text>
      <Text size="xs" className="la-dim la-mono la-wrap">
        {t('hash', { hash: now.hash })}
      </Text>
      {before && (
        <>
          <Title order={3} mt={8} mb={4}>
            {t('diff')}
          </Title>
          {diff ? (
            <pre className={`la-mono ${css.code ?? ''}`} tabIndex={0} aria-label={t('diff')}>
              {diff.map((line, i) => (
                <div key={i} data-diff={line.kind}>
                  {signs[line.kind]}
                  {line.text}
                </div>
              ))}
            </pre>
          ) : (
            <Text size="sm" className="la-dim">
              {t('noDiff')}
            </Text>
          )}
          <ul className={css.pairs}>
            {data.items.slice(1).map((v) => (
              <li key={`${v.loadedAt} ${v.hash}`}>
                <span className="la-dim">{t('changed', { by: by(v.by), at: formatTime(v.loadedAt), file: v.file })}</span>
                <span className="la-mono la-dim">{v.hash.slice(0, 12)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
