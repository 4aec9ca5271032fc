import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { type Upload, uploadQuery } from '../../api/uploadQueries';
import { formatBytes, formatNumber } from '../../lib/format';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { UploadState } from './UploadState';
import styles from './upload.module.css';

/** One import: what it was, what came of it, and the lines it stumbled over. */
export function UploadDetail({ id }: { id: string }) {
  const { data, error, isPending, refetch } = useQuery(uploadQuery(id));
  if (error && !data) return <ErrorState error={error} retry={() => void refetch()} />;
  if (isPending) return <Rows count={6} />;
  return <Detail upload={data} />;
}

function Detail({ upload }: { upload: Upload }) {
  const { t, i18n } = useTranslation(['translation', 'upload']);
  const number = (n: number) => formatNumber(n, i18n.language);
  const problems = upload.problemList;
  return (
    <Stack gap="sm">
      <UploadState upload={upload} />
      {upload.resumed && <Text size="sm">{t('upload:resumed')}</Text>}
      <dl className={page.facts}>
        <div>
          <dt>{t('upload:unit')}</dt>
          <dd>{upload.unitName || upload.unit}</dd>
        </div>
        <div>
          <dt>{t('upload:kind')}</dt>
          <dd>{t(`upload:kinds.${upload.kind}`)}</dd>
        </div>
        <div>
          <dt>{t('upload:size')}</dt>
          <dd>{formatBytes(upload.size, i18n.language)}</dd>
        </div>
        <div>
          <dt>{t('upload:records')}</dt>
          <dd>{t('upload:storedOf', { stored: number(upload.stored), read: number(upload.read) })}</dd>
        </div>
        <div>
          <dt>{t('upload:who')}</dt>
          <dd>
            {upload.by}, <Time at={upload.createdAt} />
          </dd>
        </div>
        {upload.endedAt && (
          <div>
            <dt>{t('upload:ended')}</dt>
            <dd>
              <Time at={upload.endedAt} />
            </dd>
          </div>
        )}
        <div>
          <dt>{t('upload:original')}</dt>
          <dd>
            {t(`upload:originals.${upload.original}`)}
            {upload.keptUntil && (
              <>
                , {t('upload:until')} <Time at={upload.keptUntil} />
              </>
            )}
          </dd>
        </div>
      </dl>
      <div>
        <Text size="xs" className="la-dim">
          {t('upload:hash')}
        </Text>
        <Text size="sm" className={`la-mono ${styles.hash ?? ''}`}>
          {upload.sha256}
        </Text>
      </div>
      {problems.length === 0 && upload.status === 'done' && <Text size="sm">{t('upload:noProblems')}</Text>}
      {problems.length > 0 && (
        <div className="la-scroll-x" tabIndex={0} role="region" aria-label={t('upload:firstProblems', { n: number(problems.length) })}>
          <Text size="sm" fw={600} mb={4}>
            {t('upload:firstProblems', { n: number(problems.length) })}
          </Text>
          <table className="la-table">
            <thead>
              <tr>
                <th>{t('upload:place')}</th>
                <th>{t('upload:what')}</th>
                <th>{t('upload:records')}</th>
              </tr>
            </thead>
            <tbody>
              {problems.map((problem, i) => (
                <tr key={i}>
                  <td className="la-mono">{problem.place}</td>
                  <td className="la-wrap">
                    {t(`upload:problem.${problem.code.replaceAll('.', '_')}` as 'upload:problem.csv_columns')}
                    <Text size="xs" className="la-dim">
                      {problem.detail}
                    </Text>
                  </td>
                  <td>{problem.stored ? t('upload:kept_as_is') : t('upload:not_kept')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Stack>
  );
}
