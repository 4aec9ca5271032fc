import '../../i18n/obligations';

import { Button, Tabs } from '@mantine/core';
import { IconDeviceTv } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';

import { wallQuery } from '../../api/obligationQueries';
import { setDisplay } from '../../app/display';
import { useMay } from '../../app/session';
import page from '../../ui/page.module.css';
import { PageHeader } from '../../ui/PageHeader';
import { DutiesTab } from './DutiesTab';
import { HolidaysTab } from './HolidaysTab';
import { ListTab } from './ListTab';
import { MissingYears } from './notices';
import { WallTab } from './WallTab';
import { YearTab } from './YearTab';

const route = getRouteApi('/obligations');
const tabs = ['list', 'wall', 'year', 'duties', 'holidays'] as const;

/** What the law obliges to by when: the list, who is late, the year, and what it is all made of. */
export function ObligationsPage() {
  const { t } = useTranslation(['translation', 'obligations']);
  const { tab = 'list' } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const wall = useQuery({ ...wallQuery(false), enabled: tab === 'year' || tab === 'duties' });
  return (
    <div className={page.page} data-full>
      <PageHeader title={t('nav.obligations')}>
        {tab === 'wall' && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconDeviceTv size={15} />}
            onClick={() => {
              setDisplay({ wall: true });
            }}
          >
            {t('obligations:toWall')}
          </Button>
        )}
      </PageHeader>
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(value) => {
          const next = tabs.find((name) => name === value);
          void navigate({ search: next === 'list' || next === undefined ? {} : { tab: next } });
        }}
      >
        <Tabs.List mb="sm">
          {tabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {t(`obligations:tab.${name}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {(tab === 'year' || tab === 'duties') && <MissingYears years={wall.data?.missingYears ?? []} />}
        <Tabs.Panel value="list">
          <ListTab />
        </Tabs.Panel>
        <Tabs.Panel value="wall">
          <WallTab />
        </Tabs.Panel>
        <Tabs.Panel value="year">
          <YearTab />
        </Tabs.Panel>
        <Tabs.Panel value="duties">
          <DutiesTab mayManage={may('duty.manage')} />
        </Tabs.Panel>
        <Tabs.Panel value="holidays">
          <HolidaysTab mayManage={may('duty.manage')} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}
