import '../../i18n/warnings';

import { Tabs } from '@mantine/core';
import { IconPencilPlus } from '@tabler/icons-react';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { useMay } from '../../app/session';
import { LinkButton } from '../../ui/links';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { AllTab } from './AllTab';
import { FiguresTab } from './FiguresTab';
import { MineTab } from './MineTab';

const route = getRouteApi('/warnings');

/** Early warnings: those of one's units, all that the centre follows, and how fast they are dealt with. */
export function WarningsPage() {
  const { t } = useTranslation(['translation', 'warnings']);
  const may = useMay();
  const navigate = route.useNavigate();
  const tabs = may('warning.oversee') ? (['all', 'mine', 'figures'] as const) : (['mine', 'figures'] as const);
  const { tab = tabs[0] } = route.useSearch();
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('nav.warnings')}>
        {may('warning.write') && (
          <LinkButton to="/warnings/new" size="xs" leftSection={<IconPencilPlus size={15} />}>
            {t('warnings:new')}
          </LinkButton>
        )}
      </PageHeader>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const next = tabs.find((name) => name === value);
          void navigate({ search: next === undefined || next === tabs[0] ? {} : { tab: next } });
        }}
      >
        <Tabs.List mb="sm">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`warnings:tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="all">
          <AllTab />
        </Tabs.Panel>
        <Tabs.Panel value="mine">
          <MineTab />
        </Tabs.Panel>
        <Tabs.Panel value="figures">
          <FiguresTab />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
