import { Group, Stack, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';

import { ruleQuery } from '../../api/queries';
import { formatNumber, readTag } from '../../lib/format';
import { LevelBadge } from '../../ui/Badge';
import { Code, Copy } from '../../ui/Copy';
import { usePageTitle } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import alertCss from '../alerts/alerts.module.css';

const TrialSection = lazy(() => import('./trial/TrialSection').then((m) => ({ default: m.TrialSection })));

const route = getRouteApi('/rules/$id');

export function RulePage() {
  const { t, i18n } = useTranslation();
  const { id } = route.useParams();
  const { data: rule, error, isPending, refetch } = useQuery(ruleQuery(id));
  usePageTitle(rule?.title ?? t('nav.rules'));
  return (
    <div className={`${page.page ?? ''} ${page.narrow ?? ''}`}>
      <Link to="/rules" className={page.back}>
        <IconArrowLeft size={15} /> {t('nav.rules')}
      </Link>
      <div className={`la-card ${page.pad ?? ''}`}>
        {error && !rule && <ErrorState error={error} retry={() => void refetch()} />}
        {isPending && <Rows count={10} />}
        {rule && (
          <Stack gap="md">
            <div>
              <LevelBadge level={rule.level} />
              <Title order={1} mt={8}>
                {i18n.language === 'vi' ? rule.titleVi || rule.title : rule.title}
              </Title>
              <Group gap={6} mt={6}>
                {rule.tags.map((tag) => (
                  <span key={tag} className={alertCss.tag} data-kind={readTag(tag).kind}>
                    {readTag(tag).label}
                  </span>
                ))}
              </Group>
              <dl className={page.facts}>
                <div>
                  <dt>{t('rules.logsource')}</dt>
                  <dd>{[rule.product, rule.category, rule.service].filter(Boolean).join(' / ')}</dd>
                </div>
                {(rule.kind === 'correlation' || rule.silent) && (
                  <div>
                    <dt>{t('rules.kind')}</dt>
                    <dd>
                      {[rule.kind === 'correlation' && t('rules.correlation'), rule.silent && t('rules.silentText')]
                        .filter(Boolean)
                        .join('; ')}
                    </dd>
                  </div>
                )}
                <div>
                  <dt>{t('rules.pack')}</dt>
                  <dd>{rule.pack}</dd>
                </div>
                <div>
                  <dt>{t('rules.maturity')}</dt>
                  <dd>{rule.status}</dd>
                </div>
                <div>
                  <dt>{t('rules.hits')}</dt>
                  <dd className="la-num">
                    <Link to="/search" search={{ q: `rule:"${rule.id}"` }}>
                      {formatNumber(rule.hits24h, i18n.language)}
                    </Link>
                  </dd>
                </div>
                <div>
                  <dt>{t('rules.id')}</dt>
                  <dd className="la-mono la-wrap">
                    {rule.id} <Copy value={rule.id} />
                  </dd>
                </div>
              </dl>
              <Link to="/alerts" search={{ ruleId: rule.id, status: 'new,in_progress,closed' }}>
                {t('rules.alerts')}
              </Link>
            </div>
            {(rule.explanationVi || rule.description) && (
              <section className={alertCss.explain}>
                <Title order={2} mb={4}>
                  {t('alerts.explanation')}
                </Title>
                <p lang={rule.explanationVi ? 'vi' : 'en'}>{rule.explanationVi || rule.description}</p>
              </section>
            )}
            {rule.checksVi.length > 0 && (
              <section>
                <Title order={2} mb={6}>
                  {t('alerts.checks')}
                </Title>
                <ol className={alertCss.checks} lang="vi">
                  {rule.checksVi.map((check) => (
                    <li key={check}>{check}</li>
                  ))}
                </ol>
              </section>
            )}
            {rule.parts.length > 0 && (
              <section>
                <Title order={2} mb={6}>
                  {t('rules.parts')}
                </Title>
                <ul>
                  {rule.parts.map((part) => (
                    <li key={part.id}>
                      <Link to="/rules/$id" params={{ id: part.id }}>
                        {i18n.language === 'vi' ? part.titleVi || part.title : part.title}
                      </Link>
                    </li>
                  ))}
                </ul>
              </section>
            )}
            <Suspense fallback={<Rows count={3} />}>
              <TrialSection ruleId={rule.id} />
            </Suspense>
            <section>
              <Title order={2} mb={6}>
                {t('rules.source')}
              </Title>
              <Code text={rule.source} label={t('rules.source')} />
            </section>
          </Stack>
        )}
      </div>
    </div>
  );
}
