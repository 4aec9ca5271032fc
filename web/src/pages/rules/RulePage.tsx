import '../../i18n/ruledetail';

import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowLeft } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { centreUnit } from '../../lib/centre';
import { ruleQuery } from '../../api/queries';
import { useMay } from '../../app/session';
import { formatNumber, readTag } from '../../lib/format';
import { formatTime } from '../../lib/time';
import { Badge, LevelBadge } from '../../ui/Badge';
import { Copy } from '../../ui/Copy';
import { usePageTitle } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import alertCss from '../alerts/alerts.module.css';
import { useTagName } from '../alerts/Explanation';
import { Condition, Series } from './Condition';
import { Noise } from './Noise';
import { Source } from './Source';
import { SwitchDialog } from './SwitchDialog';
import { Versions } from './Versions';

const TrialSection = lazy(() => import('./trial/TrialSection').then((m) => ({ default: m.TrialSection })));

const route = getRouteApi('/rules/$id');

export function RulePage() {
  const { t, i18n } = useTranslation(['translation', 'ruledetail']);
  const may = useMay();
  const [switching, setSwitching] = useState(false);
  const tagName = useTagName();
  const { id } = route.useParams();
  const { data: rule, error, isPending, refetch } = useQuery(ruleQuery(id));
  usePageTitle(rule?.title ?? t('nav.rules'));
  const techniques = (rule?.tags ?? []).map(readTag).filter((tag) => tag.kind === 'technique');
  const isOff = (rule?.off.length ?? 0) > 0;
  const source = rule && [rule.product, rule.category, rule.service].filter(Boolean).join(' / ');
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
              <Group justify="space-between" gap="xs">
                <Group gap={6}>
                  <LevelBadge level={rule.level} />
                  <Badge tone={isOff ? 'medium' : 'ok'} round>
                    {t(isOff ? 'ruledetail:off' : 'ruledetail:on')}
                  </Badge>
                </Group>
                {may('rule.switch') && !rule.silent && (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => {
                      setSwitching(true);
                    }}
                  >
                    {t(isOff ? 'ruledetail:enable' : 'ruledetail:disable')}
                  </Button>
                )}
              </Group>
              {switching && (
                <SwitchDialog
                  ids={[rule.id]}
                  enable={isOff}
                  onClose={() => {
                    setSwitching(false);
                  }}
                />
              )}
              <Title order={1} mt={8}>
                {i18n.language === 'vi' ? rule.titleVi || rule.title : rule.title}
              </Title>
              {rule.off.map((x) => (
                <Text key={x.unit} size="sm" mt={4}>
                  <b>{x.unit === centreUnit ? t('ruledetail:offEverywhere') : t('ruledetail:offFor', { unit: x.unitName })}</b>
                  {'. '}
                  {t('ruledetail:offBy', { by: x.by, at: formatTime(x.at), reason: x.reason })}
                </Text>
              ))}
              <Group gap={6} mt={6}>
                {rule.tags.map((tag) =>
                  readTag(tag).kind === 'technique' ? (
                    <Link key={tag} to="/attack" search={{ id: readTag(tag).label }} className={alertCss.tag} data-kind="technique">
                      {readTag(tag).label}
                    </Link>
                  ) : (
                    <span key={tag} className={alertCss.tag} data-kind={readTag(tag).kind}>
                      {tagName(tag)}
                    </span>
                  ),
                )}
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
            <section>
              <Title order={2} mb={4}>
                {t('ruledetail:what')}
              </Title>
              <Text size="sm">
                {t('ruledetail:plain', { source: source || t('ruledetail:anySource'), level: t(`level.${rule.level}`).toLowerCase() })}{' '}
                {techniques.length > 0 && t('ruledetail:plainTechniques', { list: techniques.map((tag) => tag.label).join(', ') })}
              </Text>
              {rule.series && <Series series={rule.series} />}
              {rule.condition && (
                <>
                  <Title order={3} mt={10}>
                    {t('ruledetail:condition')}
                  </Title>
                  <Condition part={rule.condition} />
                </>
              )}
            </section>
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
            {may('alert.read') && <Noise id={rule.id} />}
            <Suspense fallback={<Rows count={3} />}>
              <TrialSection ruleId={rule.id} />
            </Suspense>
            <section>
              <Title order={2} mb={6}>
                {t('rules.source')}
              </Title>
              <Source text={rule.source} />
            </section>
            <Versions id={rule.id} />
          </Stack>
        )}
      </div>
    </div>
  );
}
