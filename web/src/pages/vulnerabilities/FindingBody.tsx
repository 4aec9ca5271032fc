import { Anchor, Button, Group, Text } from '@mantine/core';
import { IconLink, IconPencilPlus, IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type FindingDetail, findingQuery, findingsChanged, type FindingStep, unlinkFinding } from '../../api/vulnerabilityQueries';
import { useMay } from '../../app/session';
import { formatNumber } from '../../lib/format';
import { LinkButton } from '../../ui/links';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import css from '../advisories/advisories.module.css';
import { LinkDialog } from './LinkDialog';
import { percent, SeverityBadge, StateBadge, Urgency } from './parts';
import { StepButtons } from './steps';

/** All that is kept of a finding: beside the list, and on its own page. */
export function FindingBody({ id }: { id: string }) {
  const { data, error, isPending, refetch } = useQuery(findingQuery(id));
  if (isPending) return <Rows count={8} />;
  if (!data) return <ErrorState error={error} retry={() => void refetch()} />;
  return (
    <>
      <Group gap="xs" mb="xs">
        <SeverityBadge severity={data.severity} />
        <StateBadge state={data.state} />
        <Urgency finding={data} />
      </Group>
      <p className={css.text}>{data.title}</p>
      <StepButtons finding={data} />
      <Facts finding={data} />
      {data.evidence && <Words name="evidence" text={data.evidence} />}
      {data.remedy && <Words name="remedy" text={data.remedy} />}
      <Links finding={data} />
      <History steps={data.steps} />
    </>
  );
}

function Words({ name, text }: { name: 'evidence' | 'remedy'; text: string }) {
  const { t } = useTranslation('vulnerabilities');
  return (
    <>
      <h3 className={css.part}>{t(name)}</h3>
      <p className={name === 'evidence' ? `${css.text ?? ''} la-mono` : css.text}>{text}</p>
    </>
  );
}

function Facts({ finding: f }: { finding: FindingDetail }) {
  const { t, i18n } = useTranslation('vulnerabilities');
  const language = i18n.language;
  const times = (['dueAt', 'kevDue', 'firstSeen', 'lastSeen', 'reopenedAt', 'endedAt', 'until'] as const).filter((name) => f[name]);
  return (
    <dl className={css.facts}>
      <dt>{t('title')}</dt>
      <dd className="la-mono">
        {f.code.startsWith('CVE-') ? (
          <Anchor component={Link} to={`/advisories?view=concerned&id=${encodeURIComponent(f.code)}` as '/'}>
            {f.code}
          </Anchor>
        ) : (
          f.code
        )}
      </dd>
      <dt>{t('host')}</dt>
      <dd>
        <span className="la-mono">{f.host}</span> {f.address && f.address !== f.host && <span className="la-dim la-mono">{f.address}</span>}
      </dd>
      {f.place && (
        <>
          <dt>{t('place')}</dt>
          <dd className="la-mono">
            {f.place} {f.service}
          </dd>
        </>
      )}
      {f.package && (
        <>
          <dt>{t('package')}</dt>
          <dd>
            {f.package} {f.release} {f.fixedIn && <span className="la-dim">{t('fixedIn', { release: f.fixedIn })}</span>}
          </dd>
        </>
      )}
      <dt>{t('unit')}</dt>
      <dd>{f.unitName}</dd>
      <dt>{t('system')}</dt>
      <dd>
        {f.system.id ? (
          <>
            {f.system.code} {f.system.name} {f.system.level > 0 && <span className="la-dim">{t('level', { level: f.system.level })}</span>}
          </>
        ) : (
          <span className="la-dim">{t('unknownSystem')}</span>
        )}
      </dd>
      {f.cvss > 0 && (
        <>
          <dt>{t('cvss')}</dt>
          <dd>{formatNumber(f.cvss, language)}</dd>
        </>
      )}
      {f.epss !== undefined && (
        <>
          <dt>{t('epss')}</dt>
          <dd>{t('epssText', { score: percent(f.epss, language) })}</dd>
        </>
      )}
      {times.map((name) => (
        <Moment key={name} name={name} at={f[name] ?? ''} />
      ))}
      <dt>{t('scanners')}</dt>
      <dd>{f.scanners.join(', ') || '—'}</dd>
      {f.others > 0 && (
        <>
          <dt>{t('others')}</dt>
          <dd>
            <Anchor component={Link} to={`/vulnerabilities?q=${encodeURIComponent(f.code)}` as '/'}>
              {t('othersCount', { count: f.others })}
            </Anchor>
          </dd>
        </>
      )}
      <dt>{t('lastImport')}</dt>
      <dd>
        <Anchor component={Link} to={`/vulnerabilities/imports?id=${encodeURIComponent(f.lastImport)}` as '/'}>
          {t('report')}
        </Anchor>
      </dd>
    </dl>
  );
}

function Moment({ name, at }: { name: 'dueAt' | 'kevDue' | 'firstSeen' | 'lastSeen' | 'reopenedAt' | 'endedAt' | 'until'; at: string }) {
  const { t } = useTranslation('vulnerabilities');
  return (
    <>
      <dt>{t(name)}</dt>
      <dd>
        <Time at={at} />
      </dd>
    </>
  );
}

function Links({ finding: f }: { finding: FindingDetail }) {
  const { t } = useTranslation('vulnerabilities');
  const client = useQueryClient();
  const may = useMay();
  const [adding, setAdding] = useState(false);
  return (
    <>
      <h3 className={css.part}>{t('links')}</h3>
      {f.links.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('noLinks')}
        </Text>
      )}
      <ul className={css.files}>
        {f.links.map((l) => (
          <li key={l.kind + l.id}>
            <Group gap="xs">
              <Anchor component={Link} to={`/${l.kind}s/${encodeURIComponent(l.id)}` as '/'}>
                {t(`linked.${l.kind}`)} {l.code} {l.title}
              </Anchor>
              {f.mayHandle && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  leftSection={<IconX size={13} />}
                  onClick={() => {
                    void unlinkFinding(f.id, l.id).then(() => findingsChanged(client));
                  }}
                >
                  {t('unlink', { code: l.code })}
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ul>
      <Group gap="xs">
        {f.mayHandle && (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconLink size={15} />}
            onClick={() => {
              setAdding(true);
            }}
          >
            {t('link')}
          </Button>
        )}
        {may('warning.write') && (
          <LinkButton to="/warnings/new" search={{ finding: f.id }} size="xs" variant="default" leftSection={<IconPencilPlus size={15} />}>
            {t('warn')}
          </LinkButton>
        )}
      </Group>
      {adding && (
        <LinkDialog
          id={f.id}
          onClose={() => {
            setAdding(false);
          }}
        />
      )}
    </>
  );
}

function History({ steps }: { steps: readonly FindingStep[] }) {
  const { t } = useTranslation('vulnerabilities');
  return (
    <>
      <h3 className={css.part}>{t('history')}</h3>
      {steps.length === 0 && (
        <Text size="sm" className="la-dim">
          {t('noHistory')}
        </Text>
      )}
      <ul className={css.files}>
        {steps.map((s) => (
          <li key={s.id}>
            <strong>{t(`verb.${s.verb}`)}</strong>{' '}
            <span className="la-dim">
              {s.by.displayName || t('bySystem')} · <Time at={s.at} />
            </span>
            {s.note && <p className={css.text}>{s.note}</p>}
            {s.until && (
              <Text size="xs">
                {t('until')} <Time at={s.until} />
              </Text>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
