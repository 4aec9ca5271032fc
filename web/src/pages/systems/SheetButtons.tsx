import { Button } from '@mantine/core';
import { IconDownload, IconFileImport } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { type Query, url } from '../../api/client';
import { useMay } from '../../app/session';
import { SheetDialog } from './SheetDialog';

/** What a list shows as a workbook, and a workbook into the register. */
export function SheetButtons({ of, filter }: { of: 'systems' | 'assets'; filter: Query }) {
  const { t, i18n } = useTranslation('systems');
  const may = useMay();
  const [asked, setAsked] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" component="a" download href={url(`/system-sheets/${of}`, { ...filter, lang: i18n.language })} leftSection={<IconDownload size={15} />}>
        {t('im.export')}
      </Button>
      {may('system.manage') && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconFileImport size={15} />}
          onClick={() => {
            setAsked(true);
          }}
        >
          {t('im.import')}
        </Button>
      )}
      {asked && (
        <SheetDialog
          onClose={() => {
            setAsked(false);
          }}
        />
      )}
    </>
  );
}
