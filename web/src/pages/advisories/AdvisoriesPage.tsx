import '../../i18n/advisories';

import { Button, Tabs } from '@mantine/core';
import { IconFileImport } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../app/session';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { AdvisoriesTab } from './AdvisoriesTab';
import { ImportDialog } from './ImportDialog';
import { SoftwareTab } from './SoftwareTab';
import { SourcesTab } from './SourcesTab';
import { VulnerabilitiesTab } from './VulnerabilitiesTab';

const route = getRouteApi('/advisories');
const tabs = ['vulnerabilities', 'advisories', 'software', 'sources'] as const;

/** What is published about vulnerabilities, what units run, and whom it concerns. */
export function AdvisoriesPage() {
  const { t } = useTranslation(['translation', 'advisories']);
  const { tab = 'vulnerabilities' } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const [importing, setImporting] = useState(false);
  const shown = tabs.filter((name) => (name === 'sources' ? may('advisory.import') : name === 'software' ? may('software.read') : true));
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('nav.advisories')}>
        {may('advisory.import') && (
          <Button
            size="xs"
            leftSection={<IconFileImport size={15} />}
            onClick={() => {
              setImporting(true);
            }}
          >
            {t('advisories:import')}
          </Button>
        )}
      </PageHeader>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const next = tabs.find((name) => name === value);
          void navigate({ search: next === 'vulnerabilities' || next === undefined ? {} : { tab: next } });
        }}
      >
        <Tabs.List mb="sm">
          {shown.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`advisories:tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="vulnerabilities">
          <VulnerabilitiesTab />
        </Tabs.Panel>
        <Tabs.Panel value="advisories">
          <AdvisoriesTab />
        </Tabs.Panel>
        <Tabs.Panel value="software">
          <SoftwareTab />
        </Tabs.Panel>
        {shown.includes('sources') && (
          <Tabs.Panel value="sources">
            <SourcesTab />
          </Tabs.Panel>
        )}
      </Tabs>
      {importing && (
        <ImportDialog
          onClose={() => {
            setImporting(false);
          }}
        />
      )}
    </div>
  );
}
