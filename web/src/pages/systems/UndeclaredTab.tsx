import { Button, Checkbox, Group, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { assetsChanged, heedHost, ignoreHost, type UndeclaredHost, undeclaredQuery } from '../../api/assetQueries';
import { ConfirmDialog } from '../../kit/ConfirmDialog';
import { EmptyState } from '../../kit/EmptyState';
import { type Column, List } from '../../kit/List';
import { by } from '../../kit/text';
import { Ago } from '../../ui/Time';
import { AssetDialog } from './AssetDialog';

const nameOf = (x: UndeclaredHost) => x.host || x.address;
const none: UndeclaredHost[] = [];

/** Hosts that logs tell of and nobody declared: each is declared, or left out with a reason. */
export function UndeclaredTab({ unit }: { unit: string | undefined }) {
  const { t } = useTranslation('systems');
  const client = useQueryClient();
  const [ignored, setIgnored] = useState(false);
  const [declaring, setDeclaring] = useState<UndeclaredHost>();
  const [leaving, setLeaving] = useState<UndeclaredHost>();
  const [sort, setSort] = useState<string>();
  const query = useQuery(undeclaredQuery({ unit, ...(ignored && { ignored }) }));
  const columns = useMemo<Column<UndeclaredHost>[]>(
    () => [
      {
        id: 'host',
        name: t('undeclared.host'),
        main: true,
        compare: by(nameOf),
        cell: (x) => <span className="la-mono">{nameOf(x)}</span>,
        under: (x) => (
          <span className="la-dim">
            {x.host !== '' && <span className="la-mono">{x.address}</span>} {x.reason !== '' && t('undeclared.because', { reason: x.reason, by: x.by })}
          </span>
        ),
      },
      { id: 'unit', name: t('asset.unit'), cell: (x) => x.unitName, compare: by((x) => x.unitName), from: 'sm' },
      { id: 'system', name: t('undeclared.zone'), cell: (x) => x.systemName || '—', from: 'md' },
      { id: 'seen', name: t('undeclared.seen'), cell: (x) => <Ago at={x.lastSeen} /> },
      {
        id: 'do',
        name: t('undeclared.do'),
        hiddenName: true,
        cell: (x) =>
          x.mayManage && (
            <Group gap={6} wrap="nowrap">
              <Button size="compact-sm" onClick={() => { setDeclaring(x); }} aria-label={t('undeclared.declareHost', { host: nameOf(x) })}>
                {t('undeclared.declare')}
              </Button>
              <Button
                size="compact-sm"
                variant="default"
                aria-label={t(ignored ? 'undeclared.heedHost' : 'undeclared.ignoreHost', { host: nameOf(x) })}
                onClick={() => {
                  if (ignored) void heedHost(x.unit, nameOf(x)).then(() => assetsChanged(client));
                  else setLeaving(x);
                }}
              >
                {t(ignored ? 'undeclared.heed' : 'undeclared.ignore')}
              </Button>
            </Group>
          ),
      },
    ],
    [t, ignored, client],
  );
  return (
    <>
      <Text size="sm" mb="xs">
        {t('undeclared.text')}
      </Text>
      <List<UndeclaredHost>
        label={t('assetTab.undeclared')}
        items={query.data?.items ?? none}
        id={(x) => `${x.unit}/${nameOf(x)}`}
        name={nameOf}
        columns={columns}
        query={query}
        sort={sort}
        onSort={setSort}
        filters={<Checkbox size="xs" label={t('undeclared.ignored')} checked={ignored} onChange={(e) => { setIgnored(e.currentTarget.checked); }} />}
        filtered={ignored || unit !== undefined}
        onClear={() => { setIgnored(false); }}
        empty={<EmptyState icon={<IconShieldCheck size={34} />} title={t('undeclared.empty')} text={t('undeclared.emptyText')} />}
      />
      {declaring && (
        <AssetDialog
          begin={{ unit: declaring.unit, system: declaring.system, hostname: declaring.host, address: declaring.address }}
          onClose={() => { setDeclaring(undefined); }}
        />
      )}
      {leaving && (
        <ConfirmDialog
          title={t('undeclared.ignore')}
          text={t('undeclared.ignoreText', { host: nameOf(leaving) })}
          confirm={t('undeclared.ignore')}
          reason="required"
          onConfirm={async (reason) => {
            await ignoreHost(leaving.unit, nameOf(leaving), reason);
            await assetsChanged(client);
          }}
          onClose={() => { setLeaving(undefined); }}
        />
      )}
    </>
  );
}
