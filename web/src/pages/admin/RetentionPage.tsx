import '../../i18n/admin';

import { Tabs } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { PageHeader } from '../../ui/PageHeader';
import page from '../../ui/page.module.css';
import { Deletions } from './Deletions';
import { EvidenceState } from './EvidenceState';
import { Holds } from './Holds';
import { RetentionRules } from './RetentionRules';

const route = getRouteApi('/admin/retention');

/** How long logs are kept, what is held beyond that, what went, and the proof. */
export function RetentionPage() {
  const { t } = useTranslation(['translation', 'admin']);
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <div className={page.page}>
      <PageHeader title={t('nav.retention')} />
      <section className="la-card" style={{ marginBottom: 12 }} aria-label={t('admin:evidence.title')}>
        <EvidenceState />
      </section>
      <Tabs
        value={tab ?? 'rules'}
        onChange={(value) => void navigate({ search: value === 'holds' || value === 'deletions' ? { tab: value } : {} })}
        keepMounted={false}
      >
        <Tabs.List mb="sm">
          <Tabs.Tab value="rules">{t('admin:retention.title')}</Tabs.Tab>
          <Tabs.Tab value="holds">{t('admin:hold.title')}</Tabs.Tab>
          <Tabs.Tab value="deletions">{t('admin:deletion.title')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="rules">
          <RetentionRules />
        </Tabs.Panel>
        <Tabs.Panel value="holds">
          <Holds />
        </Tabs.Panel>
        <Tabs.Panel value="deletions">
          <Deletions />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
