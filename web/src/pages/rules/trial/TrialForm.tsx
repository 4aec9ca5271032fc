import { SegmentedControl, Stack, Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import '../../../i18n/trial';
import { Trial } from './Trial';

type Kind = 'rule' | 'indicators';

/** Tries a rule that is not in force, or a list of indicators. */
export function TrialForm() {
  const { t } = useTranslation('trial');
  const [kind, setKind] = useState<Kind>('rule');
  const [rule, setRule] = useState('');
  const [list, setList] = useState('');
  const text = kind === 'rule' ? rule : list;
  return (
    <Stack gap="sm" p="md">
      <Text size="sm">{t('formText')}</Text>
      <SegmentedControl
        size="xs"
        w="fit-content"
        value={kind}
        onChange={(value) => {
          setKind(value === 'rule' ? 'rule' : 'indicators');
        }}
        data={[
          { value: 'rule', label: t('kindRule') },
          { value: 'indicators', label: t('kindList') },
        ]}
      />
      <Textarea
        label={kind === 'rule' ? t('ruleText') : t('listText')}
        autosize
        minRows={10}
        maxRows={26}
        spellCheck={false}
        styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)' } }}
        value={text}
        onChange={(event) => {
          (kind === 'rule' ? setRule : setList)(event.currentTarget.value);
        }}
      />
      <Trial key={kind} ask={kind === 'rule' ? { rule } : { indicators: list }} disabled={text.trim() === ''} />
    </Stack>
  );
}
