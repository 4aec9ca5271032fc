import '../../i18n/advisories';

import { Anchor, Button, Group, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { advisoriesChanged, type AdvisoryDetail, advisoryQuery, deleteAdvisory } from '../../api/advisoryQueries';
import { useMay } from '../../app/session';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { formatNumber } from '../../lib/format';
import { Badge } from '../../ui/Badge';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { ErrorState, Rows } from '../../ui/State';
import { Time } from '../../ui/Time';
import { toast } from '../../ui/toast';
import css from './advisories.module.css';
import { ExploitedBadge, Matches, Products, SeverityBadge, UnitCount } from './parts';
import { ComposeButton } from './VulnerabilitiesTab';

const route = getRouteApi('/advisories/$id');

/** One advisory: what is affected, who runs it, what to do. */
export function AdvisoryPage() {
  const { t } = useTranslation(['translation', 'advisories']);
  const { id } = route.useParams();
  const { data, error, isPending, refetch } = useQuery(advisoryQuery(id));
  return (
    <div className={page.page} data-full>
      <PageHeader title={data?.title ?? t('advisories:list')}>
        <LinkButton to="/advisories" search={{ tab: 'advisories' }} size="xs" variant="default">
          {t('advisories:back')}
        </LinkButton>
        {data && <Tools advisory={data} />}
      </PageHeader>
      {isPending && <Rows count={8} />}
      {!isPending && !data && <ErrorState error={error} retry={() => void refetch()} />}
      {data && <Body advisory={data} />}
    </div>
  );
}

function Tools({ advisory }: { advisory: AdvisoryDetail }) {
  const { t } = useTranslation('advisories');
  const [asked, setAsked] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const may = useMay();
  return (
    <>
      {may('advisory.import') && advisory.importedAt && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconTrash size={15} />}
          onClick={() => {
            setAsked(true);
          }}
        >
          {t('delete')}
        </Button>
      )}
      <ComposeButton id={advisory.id} />
      {asked && (
        <ConfirmDialog
          title={t('delete')}
          text={t('deleteText')}
          confirm={t('delete')}
          danger
          onConfirm={async () => {
            await deleteAdvisory(advisory.id);
            toast({ message: t('deleted') });
            await navigate({ to: '/advisories', search: { tab: 'advisories' } });
            await advisoriesChanged(client);
          }}
          onClose={() => {
            setAsked(false);
          }}
        />
      )}
    </>
  );
}

const remedies = ['vendor_fix', 'mitigation', 'workaround', 'none_available', 'no_fix_planned'] as const;
const remedyName = (kind: string) => remedies.find((name) => name === kind) ?? 'other';

function Body({ advisory: a }: { advisory: AdvisoryDetail }) {
  const { t, i18n } = useTranslation('advisories');
  const filter = a.importedAt ? { advisory: a.id } : { vulnerability: a.number };
  return (
    <>
      <Group gap="xs" mb="xs">
        <Badge tone="informational">{t(`format.${a.format}`)}</Badge>
        {a.exploited && <ExploitedBadge />}
        <SeverityBadge severity={a.severity} />
        {a.tlp && <Badge tone="low">{`TLP:${a.tlp}`}</Badge>}
        <UnitCount units={a.units} possible={a.possible} />
      </Group>
      <dl className={css.facts}>
        <dt>{t('publisher')}</dt>
        <dd>
          {a.publisher} <span className="la-mono">{a.number}</span> {a.revision && `· ${t('revision', { revision: a.revision })}`}
        </dd>
        {a.published && (
          <>
            <dt>{t('published')}</dt>
            <dd>
              <Time at={a.published} />
            </dd>
          </>
        )}
        {a.url && (
          <>
            <dt>{t('original')}</dt>
            <dd>
              <Anchor href={a.url} target="_blank" rel="noreferrer noopener" size="sm">
                {a.url}
              </Anchor>
            </dd>
          </>
        )}
      </dl>
      {a.summary && <p className={css.text}>{a.summary}</p>}
      <h2 className={css.part}>{t('matches')}</h2>
      <Matches filter={filter} vulnerability={a.cveCount > 1} />
      {a.vulnerabilities.map((v) => (
        <section key={v.id}>
          <h2 className={css.part}>
            <span className="la-mono">{v.id}</span> {v.title}
          </h2>
          <Group gap="xs">
            {v.cvss.version && (
              <Text size="sm">{`${t('cvss')} ${v.cvss.version}: ${formatNumber(v.cvss.score, i18n.language)}`}</Text>
            )}
            <SeverityBadge severity={v.cvss.severity} />
            {v.weakness && <span className="la-mono">{v.weakness}</span>}
          </Group>
          {v.description && v.description !== a.summary && <p className={css.text}>{v.description}</p>}
          <h3 className={css.part}>{t('products')}</h3>
          <Products products={v.products} count={v.productCount} />
          {v.remedies.length > 0 && <h3 className={css.part}>{t('remedies')}</h3>}
          {v.remedies.map((r, i) => (
            <p key={i} className={css.text}>
              <strong>{t(`remedy.${remedyName(r.kind)}`)}</strong>: {r.text}{' '}
              {r.url && (
                <Anchor href={r.url} target="_blank" rel="noreferrer noopener" size="sm">
                  {r.url}
                </Anchor>
              )}
            </p>
          ))}
          {v.references.length > 0 && <h3 className={css.part}>{t('references')}</h3>}
          {v.references.map((r) => (
            <div key={r.url} style={{ overflowWrap: 'anywhere' }}>
              <Anchor href={r.url} target="_blank" rel="noreferrer noopener" size="sm">
                {r.title || r.url}
              </Anchor>
            </div>
          ))}
        </section>
      ))}
      {a.problems.length > 0 && (
        <>
          <h2 className={css.part}>{t('problems')}</h2>
          {a.problems.map((p) => (
            <div key={p} className="la-mono la-wrap">
              {p}
            </div>
          ))}
        </>
      )}
    </>
  );
}
