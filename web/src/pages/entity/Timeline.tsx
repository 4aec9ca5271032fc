import { Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { type EntityMoment, type Span, timelineQuery } from '../../api/attackQueries';
import { EntityValue } from '../../kit/EntityLink';
import { LevelBadge } from '../../ui/Badge';
import page from '../../ui/page.module.css';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from './entity.module.css';

/** What was done about an alert, in words. */
function useStepText() {
  const { t, i18n } = useTranslation(['translation', 'entity']);
  return (step: NonNullable<EntityMoment['step']>) => {
    const by = step.by || t('entity:system');
    switch (step.action) {
      case 'status':
        return t('entity:step.status', { by, to: i18n.exists(`status.${step.to}`) ? t(`status.${step.to}` as 'status.new') : step.to });
      case 'assign':
        return step.to ? t('entity:step.assign', { by, to: step.to }) : t('entity:step.unassign', { by });
      case 'note':
        return t('entity:step.note', { by });
      default:
        return t('entity:step.other', { by, action: step.action });
    }
  };
}

export function Timeline({ type, value, span }: { type: string; value: string; span: Span }) {
  const { t, i18n } = useTranslation(['translation', 'entity']);
  const vi = i18n.language === 'vi';
  const stepText = useStepText();
  const { data, error, isPending, refetch } = useQuery(timelineQuery(type, value, span));
  const dot = (m: EntityMoment) =>
    m.kind === 'step' ? 'var(--la-ok-bar)' : m.kind === 'alert' && m.alert ? `var(--la-${m.alert.level}-bar)` : 'var(--la-low-bar)';
  return (
    <section className={`la-card ${page.pad ?? ''}`}>
      <Title order={2}>{t('entity:timeline')}</Title>
      <Text size="sm" className="la-dim">
        {t('entity:timelineText')}
      </Text>
      {isPending && <Rows count={5} />}
      {error && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {data?.moments.length === 0 && <Text size="sm">{t('entity:noTimeline')}</Text>}
      {data && data.moments.length > 0 && (
        <ol className={css.line}>
          {data.moments.slice(0, 80).map((m, i) => (
            <li key={i} style={{ '--dot': dot(m) } as React.CSSProperties}>
              <Text size="xs" className="la-dim">
                <Time at={m.at} />
                {m.kind === 'events' && m.until !== m.at && (
                  <>
                    {' – '}
                    <Time at={m.until} />
                  </>
                )}
              </Text>
              {m.kind === 'alert' && m.alert && (
                <>
                  {t('entity:opened')}: <LevelBadge level={m.alert.level} />{' '}
                  <Link to="/alerts/$id" params={{ id: m.alert.id }}>
                    {vi ? m.alert.titleVi || m.alert.title : m.alert.title}
                  </Link>
                </>
              )}
              {m.kind === 'step' && m.step && m.alert && (
                <>
                  {stepText(m.step)}:{' '}
                  <Link to="/alerts/$id" params={{ id: m.alert.id }}>
                    {vi ? m.alert.titleVi || m.alert.title : m.alert.title}
                  </Link>
                  {m.step.note && <div className="la-dim">{m.step.note}</div>}
                </>
              )}
              {m.kind === 'events' && m.event && (
                <>
                  {t('entity:detected', { count: m.count })}:{' '}
                  {m.rules.map((rule, n) => (
                    <span key={rule.id}>
                      {n > 0 && ', '}
                      <Link to="/rules/$id" params={{ id: rule.id }}>
                        {(vi ? rule.titleVi || rule.title : rule.title) || rule.id}
                      </Link>
                    </span>
                  ))}
                  {m.event.host && m.event.host !== value && (
                    <>
                      {' · '}
                      <EntityValue field="host" value={m.event.host} />
                    </>
                  )}
                </>
              )}
            </li>
          ))}
        </ol>
      )}
      {data?.more && (
        <Text size="sm" className="la-dim">
          {t('entity:olderEvents')}
        </Text>
      )}
      {data && data.partial.length > 0 && (
        <Text size="xs" className="la-dim">
          {t('entity:partial', { why: data.partial.join('; ') })}
        </Text>
      )}
    </section>
  );
}
