"""The parts of a Word document that are alike in all reports: styles and the frames of its files."""

from __future__ import annotations

from typing import Final

_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_DRAWING: Final = "http://schemas.openxmlformats.org/drawingml/2006"
_WORD: Final = f'xmlns:w="{_OFFICE.replace("officeDocument", "wordprocessingml")}/main"'
_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"

CONTENT_TYPES: Final = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/>'
    f'<Override PartName="/word/document.xml" ContentType="{_TYPE}.document.main+xml"/>'
    f'<Override PartName="/word/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
)

PACKAGE: Final = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="document" '
    f'Type="{_OFFICE}/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)

RELATIONS: Final = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="styles" '
    f'Type="{_OFFICE}/relationships/styles" Target="styles.xml"/>{{images}}</Relationships>'
)

DOCUMENT: Final = (
    f'{_HEAD}<w:document {_WORD} xmlns:r="{_OFFICE}/relationships"><w:body>{{body}}'
    '<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
    '<w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="567" w:footer="567" w:gutter="0"/>'
    "</w:sectPr></w:body></w:document>"
)

IMAGE: Final = (
    f'<w:drawing><wp:inline xmlns:wp="{_DRAWING}/wordprocessingDrawing" distT="0" distB="0" distL="0" distR="0">'
    '<wp:extent cx="{width}" cy="{height}"/><wp:docPr id="{number}" name="Figure {number}" descr={caption}/>'
    f'<a:graphic xmlns:a="{_DRAWING}/main"><a:graphicData uri="{_DRAWING}/picture">'
    f'<pic:pic xmlns:pic="{_DRAWING}/picture"><pic:nvPicPr><pic:cNvPr id="{{number}}" name="image{{number}}.png"/>'
    '<pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="image{number}"/><a:stretch><a:fillRect/></a:stretch>'
    '</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
    '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline>'
    "</w:drawing>"
)


def _style(name: str, spacing: str, *, shown: str = "", run: str = "", more: str = "", first: bool = False) -> str:
    default = ' w:default="1"' if first else ' w:customStyle="1"' if not shown else ""
    based = "" if first else '<w:basedOn w:val="Normal"/>'
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{name}"><w:name w:val="{shown or name}"/>{based}<w:qFormat/>'
        f"<w:pPr>{more}<w:spacing {spacing}/></w:pPr><w:rPr>{run}</w:rPr></w:style>"
    )


def _size(half_points: int) -> str:
    return f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>'


def _rules(*names: str) -> str:
    return "".join(f'<w:{name} w:val="single" w:sz="8" w:space="0" w:color="404040"/>' for name in names)


_MARGINS: Final = (
    '<w:tblCellMar><w:top w:w="20" w:type="dxa"/><w:left w:w="0" w:type="dxa"/><w:bottom w:w="20" w:type="dxa"/>'
    '<w:right w:w="120" w:type="dxa"/></w:tblCellMar>'
)
_TABLE: Final = '<w:style w:type="table" w:customStyle="1"'
_KEPT: Final = "<w:keepNext/>"

STYLES: Final = (
    f"{_HEAD}<w:styles {_WORD}><w:docDefaults><w:rPrDefault><w:rPr>"
    '<w:rFonts w:ascii="Arial" w:hAnsi="Arial" w:eastAsia="Arial" w:cs="Arial"/>'
    f'{_size(20)}<w:lang w:val="en-GB"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults>'
    + _style("Normal", 'w:after="100" w:line="259" w:lineRule="auto"', shown="Normal", first=True)
    + _style("Title", 'w:after="200"', shown="Title", run=f"<w:b/>{_size(34)}", more=_KEPT)
    + _style(
        "Heading1",
        'w:before="280" w:after="90"',
        shown="heading 1",
        run=f'<w:b/><w:color w:val="0B4A6F"/>{_size(25)}',
        more=_KEPT,
    )
    + _style(
        "Verbatim",
        'w:after="60" w:line="240" w:lineRule="auto"',
        run=f'<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/>{_size(16)}',
    )
    + _style("Term", 'w:before="80" w:after="0"', more=_KEPT)
    + _style("Explained", 'w:after="60"').replace("</w:pPr>", '<w:ind w:left="400"/></w:pPr>')
    + _style("Cell", 'w:after="0" w:line="240" w:lineRule="auto"', run=_size(18))
    + _style("CellKept", 'w:after="0" w:line="240" w:lineRule="auto"', run=_size(18), more=_KEPT)
    + _style("CellHead", 'w:after="0" w:line="240" w:lineRule="auto"', run=f"<w:b/>{_size(18)}", more=_KEPT)
    + _style("Space", 'w:after="0" w:line="120" w:lineRule="exact"')
    + _style("Figure", 'w:before="160" w:after="40"', more=_KEPT)
    + _style("Caption", 'w:after="160"', shown="caption", run=f'<w:color w:val="555555"/>{_size(18)}')
    + f'{_TABLE} w:styleId="Rules"><w:name w:val="Rules"/><w:tblPr><w:tblBorders>{_rules("top", "bottom")}'
    f"</w:tblBorders>{_MARGINS}</w:tblPr>"
    '<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>'
    '<w:bottom w:val="single" w:sz="4" w:space="0" w:color="404040"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr>'
    "</w:tblStylePr></w:style>"
    f'{_TABLE} w:styleId="Terms"><w:name w:val="Terms"/><w:tblPr>{_MARGINS}</w:tblPr></w:style></w:styles>'
)
